import Foundation
import Posthorn

/// A ready message for `--message`.
struct ReadyMessage {
    let message: RawMessage
    private let copy: String?

    /// - Parameter sender: whom the settings name, for messages without From.
    init(file: String, options: MessageOptions, sender: Mailbox?) async throws {
        copy = file == "-" ? try Self.copyOfInput() : nil
        let content = MessageContent.file(copy ?? file)
        do {
            message = RawMessage(content, envelope: try await Self.envelope(content, options, sender))
        } catch {
            if let copy { try? FileManager.default.removeItem(atPath: copy) }
            throw error
        }
    }

    /// Takes the copy of the standard input away.
    func removeCopy() {
        if let copy { try? FileManager.default.removeItem(atPath: copy) }
    }

    /// `nil`: the header decides.
    private static func envelope(
        _ content: MessageContent,
        _ options: MessageOptions,
        _ sender: Mailbox?
    ) async throws -> Envelope? {
        guard !options.to.isEmpty else { return nil }
        var recipients: [EmailAddress] = []
        for text in options.to { recipients += try AddressList.parse(text).addresses }
        let header = try await HeaderBlock.read(from: content)
        let author = try header.addresses(.sender).addresses.first ?? header.addresses(.from).addresses.first
        return Envelope(sender: author ?? sender?.address, recipients: recipients)
    }

    /// A message may have to be read more than once, and the standard input can be read only once: it is copied into a
    /// file that nobody else can read.
    private static func copyOfInput() throws -> String {
        let directory = FileManager.default.temporaryDirectory.path
        let path = "\(directory)/posthorn-\(UUID().uuidString).eml"
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
            return path
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            if error is CancellationError || error is MailError { throw error }
            throw MailError(
                .storage,
                "the standard input could not be copied to '\(PeerText.shown(path))': "
                    + PeerText.shown(error.localizedDescription),
                cause: error
            )
        }
    }
}
