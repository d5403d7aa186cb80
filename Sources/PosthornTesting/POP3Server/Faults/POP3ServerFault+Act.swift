extension POP3ServerFault {
    /// What a fault does to a reply.
    ///
    /// What the reply answers is done as usual, unless ``answer(_:)`` refuses it.
    public struct Act: Hashable, Sendable {
        let value: ServerAct<POP3ServerReply>

        /// This reply comes in place of the usual one; it may be any octets. If it does not begin with `+`, what it
        /// answers is refused: nobody is signed in, nothing is marked or deleted.
        public static func answer(_ reply: POP3ServerReply) -> Act { Act(value: .answer(reply)) }

        /// These octets follow the usual reply at once.
        public static func surplus(_ octets: POP3ServerReply) -> Act { Act(value: .surplus(octets)) }

        /// The reply comes twice.
        public static let twice = Act(value: .twice)

        /// The reply breaks off after some of its octets, its first line, line ends and stuffed dots included.
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

        /// A reply to CAPA with other capabilities than usual; what stands behind them stays as it is.
        ///
        /// - Parameters:
        ///   - lines: Whole lines, such as `STLS`. They come last.
        ///   - keywords: The first words of the lines that are left out, in any case.
        public static func announce(adding lines: [String] = [], hiding keywords: [String] = []) -> Act {
            Act(value: .announce(adding: lines, hiding: keywords))
        }

        /// A reply of several lines comes whole but for the line with the dot that ends it, and the connection ends.
        public static func unterminated(_ ending: ServerEnding) -> Act { Act(value: .unterminated(ending)) }

        /// After its first line, the reply is one line without end: this octet for ever, sent as fast as the client
        /// reads.
        public static func endless(_ octet: UInt8 = UInt8(ascii: "x")) -> Act { Act(value: .endless(octet)) }

        /// The content of the reply has so many octets more than usual, at least 2, in lines of `x`, and then its usual
        /// end: for a message that is longer than LIST has said.
        public static func lengthen(by octets: UInt64) -> Act { Act(value: .lengthen(octets)) }
    }
}
