import Posthorn
import Synchronization

/// The content of a message's file. It is opened anew for every reading, wherever it is then.
final class MaildirContent: ContentSource {
    private let id: StoredMessage.ID
    private let folder: MaildirFolder
    private let life: SessionLife
    private let known = Mutex<ContentFacts?>(nil)

    init(_ id: StoredMessage.ID, in folder: MaildirFolder, life: SessionLife) {
        (self.id, self.folder, self.life) = (id, folder, life)
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        try life.check()
        if let facts = known.withLock({ $0 }) { return facts }
        let facts = try await ContentScanner.facts(of: self, for: form)
        known.withLock { $0 = facts }
        return facts
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        try life.check()
        return OpenFileReader(try folder.open(id), life: life)
    }
}
