/// A place where messages arrive and are kept: a POP3 or IMAP account, a Maildir, a file.
///
/// Work with it through ``withSession(_:)``.
public protocol IncomingStore: Sendable {
    /// The store's own kind of session.
    associatedtype Session: StoreSession

    /// Connects and signs in. Prefer ``withSession(_:)``, which ends the session for you.
    func openSession() async throws -> sending Session

    /// An optional ability of the store itself, such as ``StoreCapability/diagnosis``.
    func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface?

    /// Ends idle connections and gives back what the store holds. The default does nothing.
    /// A store may be used again after it was closed.
    func close() async
}

extension IncomingStore {
    /// The store itself, if it conforms to the interface; otherwise `nil`.
    public func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface? {
        self as? Interface
    }

    /// Does nothing.
    public func close() async {}

    /// Opens a session, gives it to `body` and ends it.
    ///
    /// When `body` returns, the session is committed: deletions become final. When it throws, or the task is
    /// cancelled, the session is abandoned and nothing is deleted. It is abandoned, too, if the commit itself fails. The session must not be used after the scope;
    /// it throws ``MailError`` with code `misuse` then.
    public func withSession<Result>(
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        let session = try await openSession()
        let result: Result
        do {
            result = try await body(session)
            try Task.checkCancellation()
        } catch {
            await session.abandon()
            throw error
        }
        do {
            try await session.commit()
        } catch {
            // Gives back the connection; what the commit had done by then stays done.
            await session.abandon()
            throw error
        }
        return result
    }
}
