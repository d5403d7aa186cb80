/// A place where fetched messages are put, such as a ``Maildir``.
///
/// It is the half of "new since last time" that must not forget. A message goes from a server into a place in this order:
/// its octets are staged, staged messages are made durable and visible (``FetchDelivery/commit()``), what was fetched is
/// recorded, and only then is it deleted from the server. Between the second and the third step a program may die. So
/// that nothing comes twice then, a place keeps with every message the key under which it was delivered, and can tell
/// the keys that it holds (``FetchDelivery/heldKeys()``).
public protocol FetchDestination: Sendable {
    /// Begins to put messages into the place, by one task.
    ///
    /// - Parameter account: of which account the messages are; leftovers of an earlier delivery of the same account that
    ///   was interrupted are cleared away. The caller sees to it that there is only one delivery for an account at a time.
    /// - Throws: ``MailError`` with code `storage` if the place cannot be used.
    func openDelivery(for account: FetchAccount) async throws -> any FetchDelivery
}

/// The account (and folder) of which messages are fetched: what its records are filed under.
public struct FetchAccount: Hashable, Sendable, CustomStringConvertible {
    /// Names server, user and folder, so that the records of one are never taken for those of another:
    /// `pop3:info@mail.example.org`, `imap:info@mail.example.org/INBOX`.
    public let description: String

    /// An account by its text.
    public init(_ text: String) { description = text }
}

/// Names a fetched message for good, over all accounts: 32 lower-case hexadecimal digits. The first half is a hash of the
/// account and of the message's name, the second one of its content; where the server gives no lasting names, both come
/// from account and content. A place keeps a key as it is, and takes nothing from it.
public struct FetchKey: Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let description: String

    /// A key by its digits; `nil` if the text is not a key.
    public init?(_ digits: some StringProtocol) {
        guard digits.utf8.count == 32,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        description = String(digits)
    }
}

/// Tells copies of a place, and of the records kept beside it, from one another: after one of the two was restored from
/// a backup, their marks differ.
public struct FetchMark: Hashable, Sendable {
    /// Random text that the place got when it was first fetched into; it stays for good.
    public var identity: String
    /// Grows with every round that puts something into the place: to an odd number before its first message, to an even
    /// one after its last. So a copy of the place that was taken in the middle of a round is known as such.
    public var generation: UInt64

    /// Creates a mark.
    public init(identity: String, generation: UInt64) {
        self.identity = identity
        self.generation = generation
    }
}

/// A delivery into a place, by one task: messages are staged one after the other, and committed many at a time.
///
/// Not `Sendable`. Whoever is done with it lets it go: what was not committed is not in the place.
public protocol FetchDelivery: AnyObject {
    /// The place's mark for the account; the place makes one when it has none.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    func mark() async throws -> FetchMark

    /// Replaces the mark, durably.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    func setMark(_ mark: FetchMark) async throws

    /// The keys of all messages that the place holds, wherever in it they were moved to. Takes time in a large place; it
    /// is asked for after an interruption or a restored backup alone.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    func heldKeys() async throws -> Set<FetchKey>

    /// Begins to stage a message.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    func begin() async throws

    /// Takes the next octets of the message that was begun.
    ///
    /// - Throws: ``MailError`` with code `storage`, for example when the disk is full. The message is discarded then;
    ///   those that were staged before it stay.
    func write(_ octets: [UInt8]) async throws

    /// The message that was begun is complete: it goes into the place with the next commit, under this key.
    ///
    /// - Throws: ``MailError`` with code `storage`.
    func stage(as key: FetchKey) async throws

    /// Throws away the message that was begun. Does nothing if there is none.
    func discard() async

    /// Makes all staged messages durable and visible: when it returns, they survive a loss of power.
    ///
    /// - Throws: ``MailError`` with code `storage`. Some of the messages may be in the place then, the others are thrown
    ///   away: ``heldKeys()`` tells which.
    func commit() async throws
}
