import ArgumentParser
import Posthorn

/// `posthorn watch`
struct WatchCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Tell new messages of a folder as they arrive, until it is interrupted.",
        discussion: """
            Needs a store that can wait, such as IMAP. If the connection breaks it is made again, after a pause that grows \
            to five minutes; what arrived meanwhile is told then. A mistake that no pause mends, such as a wrong password, \
            ends the command.
            """
    )

    @OptionGroup(title: "Store") var store: StoreOptions
    @Option(name: .long, help: ArgumentHelp("End after so many messages.", valueName: "count"))
    var count: Int?
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be 1 or more.") }
    }

    func execute(on console: Console) async throws -> ExitCode {
        let mail = try await settings.makeClient(output, on: console)
        let (name, incoming) = try store.store(of: mail)
        var watch = Watch(command: self, account: name, console: console)
        var pause = Duration.seconds(1)
        while true {
            do {
                try await watch.run(incoming)
                await mail.close()
                return ExitCodes.done
            } catch let error as MailError where error.isRetryable && watch.hasListed {
                let failure = Failure(error)
                for line in failure.lines { console.note(line) }
                if watch.isFresh { pause = .seconds(1) }
                watch.isFresh = false
                // So that a hundred workstations do not come back in the same second.
                let jitter = Double.random(in: 0.5...1)
                console.note("  Trying again in \(Int((pause / .seconds(1) * jitter).rounded(.up))) s.")
                try await Task.sleep(for: pause * jitter)
                pause = min(pause * 2, .seconds(300))
            }
        }
    }

    /// What has been told.
    private struct Watch {
        let command: WatchCommand
        let account: String
        let console: Console
        private var known: Set<StoredMessage.ID>?
        private var told = 0
        /// Whether messages were listed since the last failure.
        var isFresh = false
        /// Whether the store could be used once.
        var hasListed: Bool { known != nil }

        init(command: WatchCommand, account: String, console: Console) {
            self.command = command
            self.account = account
            self.console = console
        }

        mutating func run(_ store: some IncomingStore) async throws {
            let session = try await store.openSession()
            do {
                try await follow(session)
            } catch {
                await session.abandon()
                throw error
            }
            await session.abandon()
        }

        private mutating func follow(_ session: some StoreSession) async throws {
            try await command.store.select(in: session, named: account)
            guard let arrivals = session.interface(.arrivals) else {
                throw MailError(
                    .unsupported,
                    "the store '\(account)' cannot wait for messages; run 'posthorn fetch' or 'posthorn list' now and then"
                )
            }
            while true {
                let listed = try await session.messages()
                isFresh = true
                if let known {
                    let fresh = listed.filter { !known.contains($0.id) }
                    try await tell(fresh, session)
                } else {
                    console.note(
                        "\(listed.count == 1 ? "1 message" : "\(listed.count) messages") so far; waiting for more"
                    )
                }
                known = Set(listed.map(\.id))
                if let count = command.count, told >= count { return }
                try await arrivals.waitForArrivals()
            }
        }

        private mutating func tell(_ fresh: [StoredMessage], _ session: some StoreSession) async throws {
            guard !fresh.isEmpty else { return }
            guard let headers = session.interface(.headers) else {
                for message in fresh { ListedMessage(message, header: nil).tell(on: console) }
                told += fresh.count
                return
            }
            let messages = Dictionary(fresh.map { ($0.id, $0) }) { first, _ in first }
            try await headers.readHeaders(of: fresh.map(\.id), bodyLines: 0) { id, header in
                guard let message = messages[id] else { return }
                ListedMessage(message, header: header).tell(on: console)
                told += 1
            }
        }
    }
}
