extension IMAPServerFault {
    /// What a fault does to a reply.
    ///
    /// What the reply answers is done as usual, unless ``answer(_:)`` refuses it.
    public struct Act: Hashable, Sendable {
        let value: ServerAct<IMAPServerReply>

        /// This reply comes in place of the usual one, untagged responses included; it may be any octets. If it is not
        /// positive (see ``IMAPServerReply/isPositive``), what it answers is refused: nobody is signed in, nothing is
        /// changed.
        public static func answer(_ reply: IMAPServerReply) -> Act { Act(value: .answer(reply)) }

        /// These octets come in front of the tagged reply, behind the untagged responses that belong to it.
        public static func insert(_ octets: IMAPServerReply) -> Act { Act(value: .insert(octets, isFirst: false)) }

        /// These octets come in front of everything that the command is answered with.
        public static func precede(_ octets: IMAPServerReply) -> Act { Act(value: .insert(octets, isFirst: true)) }

        /// These octets follow the usual reply at once.
        public static func surplus(_ octets: IMAPServerReply) -> Act { Act(value: .surplus(octets)) }

        /// The tagged reply has another tag; with `*` it is no tagged reply any more.
        public static func retag(_ tag: String) -> Act { Act(value: .retag(Array(tag.utf8))) }

        /// The server says `* BYE` and this text in front of the tagged reply, and goes on. One that means it needs
        /// ``endAfterReply(_:)`` or ``unterminated(_:)`` at the same place, too.
        public static func bye(_ text: String = "shutting down") -> Act { insert(IMAPServerReply("* BYE \(text)")) }

        /// The reply comes twice.
        public static let twice = Act(value: .twice)

        /// The reply breaks off after some of its octets, line ends included.
        public static func cut(after octets: Int, _ ending: ServerEnding) -> Act {
            Act(value: .cut(max(0, octets), ending))
        }

        /// The reply does not come, and the conversation goes on without it.
        public static let lose = Act(value: .lose)

        /// The reply comes later, and everything behind it too. The server does nothing else meanwhile.
        public static func delay(_ duration: Duration) -> Act { Act(value: .delay(duration)) }

        /// The reply comes octet by octet, with a pause before each. Under encryption each is a record of its own.
        public static func drip(every pause: Duration) -> Act { Act(value: .drip(pause)) }

        /// The reply does not come, and the connection ends.
        public static func end(_ ending: ServerEnding) -> Act { Act(value: .end(ending)) }

        /// The reply comes, and the connection ends.
        public static func endAfterReply(_ ending: ServerEnding) -> Act { Act(value: .endAfterReply(ending)) }

        /// All untagged responses come, the tagged one does not, and the connection ends.
        public static func unterminated(_ ending: ServerEnding) -> Act { Act(value: .unterminated(ending)) }

        /// In place of the reply, the server says this and then one octet for ever, as fast as the client reads.
        public static func endless(after start: String = "* OK ", _ octet: UInt8 = UInt8(ascii: "x")) -> Act {
            Act(value: .endlessAfter(IMAPServerReply(octets: Array(start.utf8)), octet))
        }

        /// The literals of the reply announce so many octets, whatever they have: too few, too many, or gigabytes.
        public static func literalSize(_ octets: UInt64) -> Act { Act(value: .literalSize(String(octets))) }

        /// The literals of the reply announce this between their braces, such as `-1`, or nothing.
        public static func literalSize(text: String) -> Act { Act(value: .literalSize(text)) }

        /// Capabilities other than usual, where the reply tells them (at ``Place/capability``, ``Place/greeting``,
        /// ``Place/login`` and ``Place/authenticate``); what stands behind them stays as it is.
        ///
        /// - Parameters:
        ///   - words: They come last.
        ///   - hidden: What is left out, in any case; `AUTH` stands for all that begin with `AUTH=`.
        public static func announce(adding words: [String] = [], hiding hidden: [String] = []) -> Act {
            Act(value: .announce(adding: words, hiding: hidden))
        }
    }
}
