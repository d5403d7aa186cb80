import ArgumentParser
import Posthorn
import PosthornMIME

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

/// A line of the list.
private struct ListedMessage {
    private let message: StoredMessage
    private let header: ParsedMessage?

    init(_ message: StoredMessage, header: [UInt8]?) {
        self.message = message
        self.header = header.map { ParsedMessage($0) }
    }

    func tell(on console: Console) {
        console.emit([
            "id": .string(message.id.description), "id_lasts": .bool(message.isIDLasting),
            "size": message.size.map { .number(Int64(clamping: $0)) } ?? .null,
            "subject": .text(header?.subject), "date": .text(date), "message_id": .text(header?.messageID),
            "from": header.map { header in
                .array(header.from.map { ["name": .text($0.name), "address": .string($0.address)] })
            } ?? .null,
        ])
        let size = message.size.map { Size.text($0) } ?? ""
        guard let header else {
            console.say("\(size.padded(to: 12))\(PeerText.shown(message.id.description, limit: 100))")
            return
        }
        let sender = header.from.first.map { $0.name ?? $0.address } ?? "(no sender)"
        let subject = header.subject.map { $0.isEmpty ? "(no subject)" : $0 } ?? "(no subject)"
        let day = String((date ?? "").prefix(16)).replacing("T", with: " ")
        console.say(
            "\(day.padded(to: 18))\(size.padded(to: 12))\(PeerText.shown(sender, limit: 28).padded(to: 30))"
                + PeerText.shown(subject, limit: 200)
        )
    }

    private var date: String? {
        header?.date.flatMap { DateField.internetDateTime(secondsSinceEpoch: $0.secondsSinceEpoch) }
    }
}
