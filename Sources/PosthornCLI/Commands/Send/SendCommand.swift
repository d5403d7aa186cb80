import ArgumentParser
import Posthorn

/// `posthorn send`
struct SendCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message and print the receipt.",
        usage: """
            posthorn send [--for <function>] --to <address> ... --subject <subject> --text <text>
            posthorn send [--for <function>] --to <address> ... --subject <subject> --html <file> [--text <text>]
            posthorn send [--for <function>] --message <file.eml> [--to <address> ...]
            """,
        discussion: """
            Exit code 0 means that every recipient was accepted. 77: somebody was refused for good; \
            75: somebody was refused for now. 76: it is not known whether the message was taken; never repeat that \
            by a script. The receipt tells who got it.
            """
    )

    @OptionGroup(title: "Message") var message: MessageOptions
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { try message.check() }

    func execute(on console: Console) async throws -> ExitCode {
        let mail = try await settings.makeClient(output, on: console)
        noteUnknownFunction(mail, console)
        let bar = ProgressBar(on: console, isVerbose: output.verbose)
        defer { bar?.finish() }
        let sending = Sending(
            client: mail,
            function: message.function,
            options: message.sendOptions,
            progress: bar?.listener
        )
        let receipt: SendReceipt
        if let file = message.message {
            let ready = try await ReadyMessage(file: file, options: message, sender: mail.settings.sender?.mailbox)
            defer { ready.removeCopy() }
            receipt = try await sending.send(ready.message)
        } else {
            receipt = try await sending.send(try message.build(on: console))
        }
        bar?.finish()
        console.emit(Receipt.json(receipt))
        for line in Receipt.lines(receipt, console.output) { console.say(line) }
        return ExitCodes.code(for: receipt)
    }

    /// A function that the settings do not list is no mistake; a misspelt one is.
    private func noteUnknownFunction(_ mail: PosthornClient, _ console: Console) {
        guard let function = message.function, mail.settings.functions[function] == nil, !console.isJSON else { return }
        let known = mail.settings.functions.keys.sorted().joined(separator: ", ")
        console.note(
            "note: the settings list no function '\(PeerText.shown(function))' "
                + (known.isEmpty ? "(they list none)" : "(they list \(known))") + "; the message goes the default way"
        )
    }
}

/// What all kinds of messages are sent with.
private struct Sending {
    let client: PosthornClient
    let function: String?
    let options: SendOptions
    let progress: TransferProgress?

    func send(_ message: some MailMessage) async throws -> SendReceipt {
        try await client.send(message, for: function, options: options, progress: progress)
    }
}
