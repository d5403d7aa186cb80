extension SMTPServerFault {
    /// Where in the conversation a fault strikes: at the reply to something.
    ///
    /// The replies at a place are counted over the connection, those to RCPT and BDAT over the message.
    public struct Place: Hashable, Sendable, ServerPlace {
        private enum Value: Hashable, Sendable {
            case greeting, ehlo, startTLS, handshake, auth, mail, mailInSameFlight, rcpt, data, bdat, endOfMessage
            case rset, noop, quit, anyReply
        }
        private let value: Value

        /// The greeting. One that is not positive ends the connection.
        public static let greeting = Place(value: .greeting)
        /// The reply to EHLO, HELO or LHLO.
        public static let ehlo = Place(value: .ehlo)
        /// The reply to STARTTLS.
        public static let startTLS = Place(value: .startTLS)
        /// What the server says in the TLS handshake, beginning with its ServerHello; with implicit TLS too. Here
        /// ``Act/answer(_:)`` gives the octets that come in place of it, and ``Act/cut(after:_:)`` counts encrypted
        /// octets. ``Act/answerAhead(_:)``, ``Act/surplus(_:)``, ``Act/twice`` and ``Act/announce(adding:hiding:)`` do
        /// nothing here.
        public static let handshake = Place(value: .handshake)
        /// The reply to AUTH and to every further line of a sign-in.
        public static let auth = Place(value: .auth)
        /// The reply to MAIL.
        public static let mail = Place(value: .mail)
        /// The reply to a MAIL that came together with the end of the message before it, as clients send it that do not
        /// wait for replies (RFC 2920). Some servers break there, Dovecot's submission service 2.3.19 for one. Together
        /// means read at once: a flight that the network has cut between the two is not noticed.
        public static let mailInSameFlight = Place(value: .mailInSameFlight)
        /// The reply to RCPT.
        public static let rcpt = Place(value: .rcpt)
        /// The reply to DATA: usually 354. After any other answer, the server takes no message.
        public static let data = Place(value: .data)
        /// The reply to a BDAT that is not the last one. A refusal ends the message.
        public static let bdat = Place(value: .bdat)
        /// The reply to the final dot or to BDAT LAST. In LMTP, all the replies to it.
        public static let endOfMessage = Place(value: .endOfMessage)
        /// The reply to RSET.
        public static let rset = Place(value: .rset)
        /// The reply to NOOP.
        public static let noop = Place(value: .noop)
        /// The reply to QUIT.
        public static let quit = Place(value: .quit)
        /// Every reply, whatever it answers.
        public static let anyReply = Place(value: .anyReply)
    }
}
