import Posthorn

/// A ready message for `--message`.
struct ReadyMessage {
    let message: RawMessage
    private let copy: InputCopy?

    /// - Parameter sender: whom the settings name, for messages without From.
    init(file: String, options: MessageOptions, sender: Mailbox?) async throws {
        copy = file == "-" ? try InputCopy() : nil
        let content = MessageContent.file(copy?.path ?? file)
        do {
            message = RawMessage(content, envelope: try await Self.envelope(content, options, sender))
        } catch {
            copy?.remove()
            throw error
        }
    }

    /// Takes the copy of the standard input away.
    func removeCopy() {
        copy?.remove()
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
}
