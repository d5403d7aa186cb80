extension POP3ServerFault {
    /// Where in the conversation a fault strikes: at the reply to something.
    public struct Place: Hashable, Sendable, ServerPlace {
        private enum Value: Hashable, Sendable {
            case greeting, capa, stls, handshake, user, pass, apop, auth, stat, list, uidl, top, retr, dele, rset
            case noop, quit, utf8, lang, anyReply
        }
        private let value: Value

        /// The greeting. One that is not positive ends the connection.
        public static let greeting = Place(value: .greeting)
        /// The reply to CAPA.
        public static let capa = Place(value: .capa)
        /// The reply to STLS.
        public static let stls = Place(value: .stls)
        /// What the server says in the TLS handshake, beginning with its ServerHello; with implicit TLS too. Here
        /// ``Act/answer(_:)`` gives the octets that come in place of it, and ``Act/cut(after:_:)`` counts encrypted
        /// octets. The acts that concern lines or content do nothing here.
        public static let handshake = Place(value: .handshake)
        /// The reply to USER.
        public static let user = Place(value: .user)
        /// The reply to PASS.
        public static let pass = Place(value: .pass)
        /// The reply to APOP.
        public static let apop = Place(value: .apop)
        /// The reply to AUTH and to every further line of a sign-in.
        public static let auth = Place(value: .auth)
        /// The reply to STAT.
        public static let stat = Place(value: .stat)
        /// The reply to LIST.
        public static let list = Place(value: .list)
        /// The reply to UIDL.
        public static let uidl = Place(value: .uidl)
        /// The reply to TOP.
        public static let top = Place(value: .top)
        /// The reply to RETR.
        public static let retr = Place(value: .retr)
        /// The reply to DELE.
        public static let dele = Place(value: .dele)
        /// The reply to RSET.
        public static let rset = Place(value: .rset)
        /// The reply to NOOP.
        public static let noop = Place(value: .noop)
        /// The reply to QUIT, which the deletions come before.
        public static let quit = Place(value: .quit)
        /// The reply to UTF8.
        public static let utf8 = Place(value: .utf8)
        /// The reply to LANG.
        public static let lang = Place(value: .lang)
        /// Every reply, whatever it answers.
        public static let anyReply = Place(value: .anyReply)
    }
}
