import Posthorn
import Synchronization

/// Tells contents that were opened in a session whether it still lasts.
final class SessionLife: Sendable {
    private let ended = Atomic(false)

    func end() { ended.store(true, ordering: .relaxed) }

    /// - Throws: ``MailError`` with code `misuse` after the end.
    func check() throws {
        guard !ended.load(ordering: .relaxed) else {
            throw MailError(
                .misuse,
                "the session has ended; work with it inside the scope of withSession, or open another one"
            )
        }
    }
}
