/// What the server has offered and what was enabled: decides how arguments are written.
struct IMAPEncoding: Hashable, Sendable {
    /// Which literals need no permission of the server.
    enum Literals: Hashable, Sendable {
        /// None: the server has to say `+` before each (RFC 9051 section 4.3).
        case synchronizing
        /// All: LITERAL+ (RFC 7888).
        case plus
        /// Those of at most 4,096 octets: LITERAL- (RFC 7888), and IMAP4rev2 has that.
        case minus
    }

    var literals = Literals.synchronizing
    /// Whether strings may hold UTF-8 in quotes and folders' names are UTF-8: IMAP4rev2 or UTF8=ACCEPT is enabled.
    var isUTF8 = false

    /// Octets of the largest literal that LITERAL- lets go without permission (RFC 7888 section 5).
    static let minusLimit = 4_096

    /// Whether a literal of that size goes without permission.
    func isImmediate(_ size: UInt64) -> Bool {
        switch literals {
        case .synchronizing: false
        case .plus: true
        case .minus: size <= UInt64(Self.minusLimit)
        }
    }
}

/// A piece of a command, in the order of the wire.
enum IMAPCommandPiece: Hashable, Sendable {
    /// Octets to be sent, with what is secret among them.
    case text(IMAPCommandText)
    /// Nothing more may be sent before the server says `+`. If it refuses instead, the command is over.
    case waitForContinuation
    /// So many octets of a message, which the caller has. `index` counts the messages of a command from 0.
    case content(index: Int, size: UInt64)
}
