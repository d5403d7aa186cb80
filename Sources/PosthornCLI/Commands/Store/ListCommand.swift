import ArgumentParser
import Posthorn

/// `posthorn list`
struct ListCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the messages of a store, without fetching or changing anything.",
        discussion: """
            The newest are last. Where the server can give headers alone, sender, subject and date are shown.
            """
    )

    @OptionGroup(title: "Store") var store: StoreOptions
    @Option(name: .long, help: ArgumentHelp("Show the newest messages only, so many.", valueName: "count"))
    var limit: Int?
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    }

    func execute(on console: Console) async throws -> ExitCode {
        let mail = try await settings.makeClient(output, on: console)
        let (name, incoming) = try store.store(of: mail)
        do {
            try await list(incoming, named: name, on: console)
        } catch {
            await mail.close()
            throw error
        }
        await mail.close()
        return ExitCodes.done
    }

    private func list(_ incoming: some IncomingStore, named name: String, on console: Console) async throws {
        try await incoming.withSession { session in
            try await store.select(in: session, named: name)
            let all = try await session.messages()
            let shown = all.suffix(limit ?? all.count)
            let sizes = Dictionary(shown.map { ($0.id, $0) }) { first, _ in first }
            if let headers = session.interface(.headers) {
                try await headers.readHeaders(of: shown.map(\.id), bodyLines: 0) { id, header in
                    guard let message = sizes[id] else { return }
                    ListedMessage(message, header: header).tell(on: console)
                }
            } else {
                for message in shown { ListedMessage(message, header: nil).tell(on: console) }
            }
            let octets = all.reduce(UInt64(0)) { $0 &+ ($1.size ?? 0) }
            let count = all.count == 1 ? "1 message" : "\(all.count) messages"
            console.say(all.isEmpty ? "No messages." : "\(count), \(Size.text(octets)).")
        }
    }
}
