import Posthorn

/// Stands for a message that is not there (any more).
struct MissingMessage: ContentReader {
    let id: StoredMessage.ID

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool { throw Self.error(id) }

    static func error(_ id: StoredMessage.ID) -> MailError {
        MailError(
            .notFound,
            "there is no message '\(PeerText.shown(id.description))' in the folder (any more); list the messages again"
        )
    }
}
