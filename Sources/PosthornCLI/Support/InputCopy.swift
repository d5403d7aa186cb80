import Foundation
import Posthorn

/// The standard input in a file that nobody else can read: a message may have to be read more than once, and the standard
/// input can be read only once.
struct InputCopy {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory.path
        path = "\(directory)/posthorn-\(UUID().uuidString).eml"
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else {
            throw MailError(.storage, "the standard input could not be copied to '\(PeerText.shown(path))'; set TMPDIR")
        }
        do {
            var piece: [UInt8] = []
            while try StandardInput.read(into: &piece) {
                try file.write(contentsOf: piece)
                piece.removeAll(keepingCapacity: true)
            }
            try file.close()
        } catch {
            remove()
            if error is CancellationError || error is MailError { throw error }
            throw MailError(
                .storage,
                "the standard input could not be copied to '\(PeerText.shown(path))': "
                    + PeerText.shown(error.localizedDescription),
                cause: error
            )
        }
    }

    /// Takes the file away.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
