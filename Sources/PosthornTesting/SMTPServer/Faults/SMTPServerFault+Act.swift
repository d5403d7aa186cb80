extension SMTPServerFault {
    /// What a fault does to a reply.
    ///
    /// What the reply answers is done as usual, unless ``answer(_:)`` refuses it.
    public struct Act: Hashable, Sendable {
        let value: ServerAct<SMTPServerReply>

        /// This reply comes in place of the usual one; it may be any octets. If it is not positive (2yz or 3yz), what it
        /// answers is refused: no transaction begins, the recipient is not added, the message is not taken.
        public static func answer(_ reply: SMTPServerReply) -> Act { Act(value: .answer(reply)) }

        /// The usual reply comes, and with it this one, early: it is the answer to what the client has not sent yet.
        /// The next reply is left out.
        public static func answerAhead(_ reply: SMTPServerReply) -> Act { Act(value: .answerAhead(reply)) }

        /// These octets follow the usual reply at once.
        public static func surplus(_ octets: SMTPServerReply) -> Act { Act(value: .surplus(octets)) }

        /// The reply comes twice.
        public static let twice = Act(value: .twice)

        /// The reply breaks off after some of its octets, line ends included.
        public static func cut(after octets: Int, _ ending: ServerEnding) -> Act {
            Act(value: .cut(max(0, octets), ending))
        }

        /// The reply does not come, and the conversation goes on without it.
        public static let lose = Act(value: .lose)

        /// The reply comes later, and everything behind it too. The server does nothing else meanwhile: it does not
        /// even notice that the client goes away, and takes what that has sent before.
        public static func delay(_ duration: Duration) -> Act { Act(value: .delay(duration)) }

        /// The reply comes octet by octet, with a pause before each. Under encryption each is a record of its own.
        public static func drip(every pause: Duration) -> Act { Act(value: .drip(pause)) }

        /// The reply does not come, and the connection ends.
        public static func end(_ ending: ServerEnding) -> Act { Act(value: .end(ending)) }

        /// The reply comes, and the connection ends.
        public static func endAfterReply(_ ending: ServerEnding) -> Act { Act(value: .endAfterReply(ending)) }

        /// A reply to EHLO with other capabilities than usual; what stands behind them stays as it is. To have others
        /// after STARTTLS, combine it with ``SMTPServerFault/whenEncrypted(_:)``.
        ///
        /// - Parameters:
        ///   - lines: Whole lines without code, such as `SIZE 1000`. They come last.
        ///   - keywords: The first words of the lines that are left out, in any case.
        public static func announce(adding lines: [String] = [], hiding keywords: [String] = []) -> Act {
            Act(value: .announce(adding: lines, hiding: keywords))
        }
    }
}
