/// Deletes messages when the session ends well (POP3 DELE and QUIT; IMAP \Deleted and EXPUNGE).
public protocol MessageDeletion {
    /// Marks messages for deletion. They go when the session is committed, and stay when it is abandoned.
    ///
    /// - Throws: ``MailError`` with code `not-found` if one of them does not exist; none is marked then.
    func delete(_ ids: [StoredMessage.ID]) async throws
}

/// A flag of a message (RFC 9051 section 2.3.2): a system flag or a keyword of one's own.
public struct MessageFlag: Hashable, Sendable, CustomStringConvertible {
    /// The flag as IMAP writes it, such as `\Seen` or `$Forwarded`.
    public let description: String

    /// A flag of the given name; system flags begin with a backslash.
    public init(_ name: String) {
        description = name
    }

    /// The message has been read.
    public static let seen = MessageFlag("\\Seen")
    /// The message has been answered.
    public static let answered = MessageFlag("\\Answered")
    /// The message is marked as important.
    public static let flagged = MessageFlag("\\Flagged")
    /// The message is a draft.
    public static let draft = MessageFlag("\\Draft")
}

/// Reads and writes flags.
public protocol FlagStorage {
    /// The flags of a message.
    ///
    /// - Throws: ``MailError`` with code `not-found` if it does not exist.
    func flags(of id: StoredMessage.ID) async throws -> Set<MessageFlag>

    /// Replaces the flags of a message, at once.
    func setFlags(_ flags: Set<MessageFlag>, of id: StoredMessage.ID) async throws
}

/// Chooses folders beside the inbox.
public protocol FolderAccess {
    /// The names of all folders; levels are separated by `/`. The inbox is `INBOX`.
    func folders() async throws -> [String]

    /// Makes the session look at another folder.
    ///
    /// - Throws: ``MailError`` with code `not-found` if it does not exist.
    func select(_ folder: String) async throws
}

/// Puts messages into the chosen folder.
public protocol MessageAppending {
    /// Stores a message durably; when this returns, it is kept.
    ///
    /// - Returns: the new message's name.
    func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID
}

/// Waits for new messages.
public protocol ArrivalWatching {
    /// Returns when messages have arrived in the chosen folder that ``StoreSession/messages()`` did not list when
    /// it was last called, or at once if there are some already. Throws `CancellationError` when the task is cancelled.
    func waitForArrivals() async throws
}

/// How much room a store has.
public struct StoreQuota: Hashable, Sendable {
    /// Octets in use.
    public var used: UInt64
    /// Octets allowed, `nil` if there is no limit.
    public var limit: UInt64?

    /// Creates a quota.
    public init(used: UInt64, limit: UInt64?) {
        self.used = used
        self.limit = limit
    }
}

/// Reports how much room there is.
public protocol QuotaReporting {
    /// Room used and allowed.
    func quota() async throws -> StoreQuota
}
