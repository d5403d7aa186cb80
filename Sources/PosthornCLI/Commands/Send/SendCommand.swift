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
        var notes: [String] = []
        if let note = noteOfUnknownFunction(mail.settings) { notes.append(note) }
        let bar = ProgressBar(on: console, isVerbose: output.verbose)
        defer { bar?.finish() }
        let sending = Sending(
            client: mail,
            function: message.function,
            options: message.sendOptions,
            progress: bar?.listener
        )
        let receipt: SendReceipt
        do {
            if let file = message.message {
                // Before the message is read: it may come from a person who types.
                tell(notes, on: console)
                let ready = try await ReadyMessage(file: file, options: message, sender: sender(mail.settings))
                defer { ready.removeCopy() }
                receipt = try await sending.send(ready.message)
            } else {
                let built = try message.build(&notes)
                tell(notes, on: console)
                receipt = try await sending.send(built)
            }
        } catch {
            bar?.finish()
            throw message.message == nil ? FailedSend.built(error) : FailedSend(error)
        }
        bar?.finish()
        console.emit(Receipt.json(receipt, notes: notes))
        for line in Receipt.lines(receipt, console.output) { console.say(line) }
        return ExitCodes.code(for: receipt)
    }

    /// Notes are for people on the standard error; machines find them in the receipt.
    private func tell(_ notes: [String], on console: Console) {
        guard !console.isJSON else { return }
        for note in notes { console.note("note: \(note)") }
    }

    /// Who sends what names no sender: a function may have one of its own.
    private func sender(_ settings: ClientSettings) -> Mailbox? {
        let own = message.function.flatMap { settings.functions[$0]?.sender }
        return (own ?? settings.sender)?.mailbox
    }

    /// A function that the settings do not list is no mistake; a misspelt one is.
    private func noteOfUnknownFunction(_ settings: ClientSettings) -> String? {
        guard let function = message.function, settings.functions[function] == nil else { return nil }
        let known = settings.functions.keys.sorted()
        let list = known.isEmpty ? "(they list none)" : "(they list \(known.joined(separator: ", ")))"
        let near = Suggestion.best(for: function, among: known).map { "; did you mean '\($0)'?" } ?? ""
        return
            "the settings list no function '\(PeerText.shown(function))' \(list); the message goes the default way\(near)"
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
