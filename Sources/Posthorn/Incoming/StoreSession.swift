/// One visit to a store, by one task.
///
/// The base holds what POP3, IMAP and a directory can all do; ask for the rest with ``interface(_:)``.
/// A session is not `Sendable`, and every call after ``commit()`` or ``abandon()`` throws
/// ``MailError`` with code `misuse`.
public protocol StoreSession: AnyObject {
    /// The messages of the inbox (or of the folder that was chosen), oldest first.
    func messages() async throws -> [StoredMessage]

    /// The content of a message, to be read while the session lasts.
    ///
    /// - Throws: ``MailError`` with code `not-found` if the message has vanished.
    func content(of id: StoredMessage.ID) async throws -> MessageContent

    /// An optional ability of this session; `nil` unless both the plugin and the server have it.
    func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface?

    /// Ends the session and makes its deletions final.
    func commit() async throws

    /// Ends the session without deleting anything. Never throws: there is nothing left to be done about it.
    func abandon() async
}

extension StoreSession {
    /// The session itself, if it conforms to the interface; otherwise `nil`.
    public func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface? {
        self as? Interface
    }
}

/// An entry of a store's list.
public struct StoredMessage: Hashable, Sendable, Identifiable {
    /// Names a message within its store, for good: a UIDL, UIDVALIDITY and UID, a file's name.
    public struct ID: Hashable, Sendable, CustomStringConvertible {
        /// The store's own text; opaque.
        public let description: String

        /// An identifier of the store's own text.
        public init(_ text: String) {
            description = text
        }
    }

    /// The message's name within the store.
    public var id: ID
    /// The size in octets, if the store tells it without reading the message.
    public var size: UInt64?

    /// Creates an entry.
    public init(id: ID, size: UInt64?) {
        self.id = id
        self.size = size
    }
}
