extension IMAPServerFault {
    /// Where in the conversation a fault strikes: at the reply to something, which is everything that the server says
    /// to it, untagged and tagged.
    public struct Place: Hashable, Sendable, ServerPlace {
        private enum Value: Hashable, Sendable {
            case greeting, capability, startTLS, handshake, login, authenticate, id, enable, namespace, list, status
            case create, delete, rename, subscribe, select, close, fetch, store, search, append, copy, move, expunge
            case idle, push, done, quota, noop, logout, continuation, anyReply
        }
        private let value: Value

        /// The greeting. One that is not positive ends the connection.
        public static let greeting = Place(value: .greeting)
        /// The reply to CAPABILITY.
        public static let capability = Place(value: .capability)
        /// The reply to STARTTLS.
        public static let startTLS = Place(value: .startTLS)
        /// What the server says in the TLS handshake, beginning with its ServerHello; with implicit TLS too. Here
        /// ``Act/answer(_:)`` gives the octets that come in place of it, and ``Act/cut(after:_:)`` counts encrypted
        /// octets. The acts that concern lines or content do nothing here.
        public static let handshake = Place(value: .handshake)
        /// The reply to LOGIN.
        public static let login = Place(value: .login)
        /// The reply to AUTHENTICATE and to every further line of a sign-in.
        public static let authenticate = Place(value: .authenticate)
        /// The reply to ID.
        public static let id = Place(value: .id)
        /// The reply to ENABLE.
        public static let enable = Place(value: .enable)
        /// The reply to NAMESPACE.
        public static let namespace = Place(value: .namespace)
        /// The reply to LIST or LSUB.
        public static let list = Place(value: .list)
        /// The reply to STATUS.
        public static let status = Place(value: .status)
        /// The reply to CREATE.
        public static let create = Place(value: .create)
        /// The reply to DELETE.
        public static let delete = Place(value: .delete)
        /// The reply to RENAME.
        public static let rename = Place(value: .rename)
        /// The reply to SUBSCRIBE or UNSUBSCRIBE.
        public static let subscribe = Place(value: .subscribe)
        /// The reply to SELECT or EXAMINE.
        public static let select = Place(value: .select)
        /// The reply to CLOSE or UNSELECT.
        public static let close = Place(value: .close)
        /// The reply to FETCH or UID FETCH.
        public static let fetch = Place(value: .fetch)
        /// The reply to STORE or UID STORE.
        public static let store = Place(value: .store)
        /// The reply to SEARCH or UID SEARCH.
        public static let search = Place(value: .search)
        /// The reply to APPEND, after its literal.
        public static let append = Place(value: .append)
        /// The reply to COPY or UID COPY.
        public static let copy = Place(value: .copy)
        /// The reply to MOVE or UID MOVE.
        public static let move = Place(value: .move)
        /// The reply to EXPUNGE or UID EXPUNGE.
        public static let expunge = Place(value: .expunge)
        /// The `+` that IDLE is answered with.
        public static let idle = Place(value: .idle)
        /// What is told of a mailbox's changes during IDLE, each time.
        public static let push = Place(value: .push)
        /// The reply to DONE, which is that to IDLE.
        public static let done = Place(value: .done)
        /// The reply to GETQUOTA or GETQUOTAROOT.
        public static let quota = Place(value: .quota)
        /// The reply to NOOP or CHECK.
        public static let noop = Place(value: .noop)
        /// The reply to LOGOUT.
        public static let logout = Place(value: .logout)
        /// The `+` that a literal is waited for with. An answer that is not positive ends the command.
        public static let continuation = Place(value: .continuation)
        /// Every reply, whatever it answers.
        public static let anyReply = Place(value: .anyReply)
    }
}
