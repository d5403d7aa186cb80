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

    /// Reads messages one after the other, in the order given and as fast as the store can: POP3 asks for many before the
    /// first has come (RFC 2449 section 6.6), IMAP for all in one command. The default opens one content after the other.
    ///
    /// `body` is called once for each message, in turn. What it does not read is passed over. A message that has
    /// vanished makes the reader throw ``MailError`` with code `not-found`; if `body` catches that, the next one follows.
    /// `body` must not use the session meanwhile; it throws `misuse`.
    ///
    /// - Throws: what `body` throws; ``MailError`` if the connection fails.
    func readEach(
        _ ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws

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

    /// Opens one content after the other.
    public func readEach(
        _ ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        for id in ids {
            var reader: any ContentReader
            do {
                reader = try await content(of: id).makeReader()
            } catch let error as MailError where [.notFound, .refused, .contentUnavailable].contains(error.code) {
                // It concerns this message alone.
                reader = FailedReader(error: error)
            }
            try await body(id, &reader)
        }
    }
}

/// Stands for a message that cannot be read: throws an error each time.
package struct FailedReader: ContentReader {
    private let error: MailError

    /// A reader that throws `error`.
    package init(error: MailError) { self.error = error }

    package mutating func read(into buffer: inout [UInt8]) async throws -> Bool { throw error }
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
    /// The size in octets, if the store tells it without reading the message. A server's word: what is read may have
    /// another size.
    public var size: UInt64?
    /// Whether ``id`` names the message in later sessions too. Not so on POP3 servers without UIDL (RFC 1939 section 7),
    /// or if a server gives the same UIDL to several messages: only the content tells such messages apart.
    public var isIDLasting: Bool

    /// Creates an entry.
    public init(id: ID, size: UInt64?, isIDLasting: Bool = true) {
        self.id = id
        self.size = size
        self.isIDLasting = isIDLasting
    }
}
