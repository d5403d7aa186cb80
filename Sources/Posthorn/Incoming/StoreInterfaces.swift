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
    /// The flags of messages. Messages that do not exist (any more) are left out.
    func flags(of ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: Set<MessageFlag>]

    /// Replaces the flags of messages, at once.
    ///
    /// - Throws: ``MailError`` with code `not-found` if one of them does not exist.
    func setFlags(_ flags: Set<MessageFlag>, of ids: [StoredMessage.ID]) async throws

    /// Adds and takes away flags of messages, at once, and leaves the others as they are, also those that somebody else
    /// changes at the same time.
    ///
    /// - Throws: ``MailError`` with code `not-found` if one of them does not exist.
    func changeFlags(
        of ids: [StoredMessage.ID],
        adding: Set<MessageFlag>,
        removing: Set<MessageFlag>
    ) async throws
}

/// Reads the beginnings of messages: the header and, if wanted, the first lines of the body.
public protocol HeaderReading {
    /// Gives the header block of each message to `body`, in the order given: the octets up to the empty line and with it.
    ///
    /// Messages that do not exist (any more) are left out.
    ///
    /// - Parameter bodyLines: How many lines of the body are to follow.
    /// - Throws: what `body` throws; ``MailError`` with code `too-large` if a header has more than 1 MiB.
    func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws
}

/// A folder of a store.
public struct MailFolder: Hashable, Sendable {
    /// What a folder is for (RFC 6154): a word of the server, such as `\Sent`.
    public struct Use: Hashable, Sendable, CustomStringConvertible {
        /// The attribute as IMAP writes it.
        public let description: String

        /// A use by its attribute.
        public init(_ attribute: String) { description = attribute }

        /// Messages that were sent.
        public static let sent = Use("\\Sent")
        /// Drafts.
        public static let drafts = Use("\\Drafts")
        /// Messages that are to be deleted.
        public static let trash = Use("\\Trash")
        /// Unwanted mail.
        public static let junk = Use("\\Junk")
        /// Messages that are kept out of the way.
        public static let archive = Use("\\Archive")
        /// All messages, whatever their folder.
        public static let all = Use("\\All")
        /// Messages that are marked as important.
        public static let flagged = Use("\\Flagged")
    }

    /// The name; levels are separated by `/`. The inbox is `INBOX`.
    public var name: String
    /// What it is for, if the store says so.
    public var uses: Set<Use>
    /// Whether it can hold messages; some only hold folders.
    public var isSelectable: Bool

    /// Creates a folder.
    public init(name: String, uses: Set<Use> = [], isSelectable: Bool = true) {
        self.name = name
        self.uses = uses
        self.isSelectable = isSelectable
    }
}

/// Chooses folders beside the inbox.
public protocol FolderAccess {
    /// All folders, the inbox first.
    func folders() async throws -> [MailFolder]

    /// Makes the session look at another folder.
    ///
    /// - Throws: ``MailError`` with code `not-found` if it does not exist.
    func select(_ folder: String) async throws
}

/// Puts messages into the chosen folder.
public protocol MessageAppending {
    /// Stores a message durably; when this returns, it is kept.
    ///
    /// - Returns: the new message's name; `nil` if the server does not tell it (IMAP without UIDPLUS).
    @discardableResult
    func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID?
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
