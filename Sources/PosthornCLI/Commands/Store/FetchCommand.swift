import ArgumentParser
import Posthorn
import PosthornMailbox

/// `posthorn fetch`
struct FetchCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch new mail into a Maildir, and delete it from the server if the settings say so.",
        discussion: """
            New is what earlier rounds have not fetched: that is recorded in a directory beside the settings file, or \
            where --state says. Messages are deleted from the server by 'keep-on-server' in the settings, and only when \
            they are safely on the disk. Whatever breaks, run it again: nothing is lost and nothing comes twice.

            Exit code 0 means that everything was fetched that the settings want; 75: some messages were refused, or \
            another fetch is under way; 73: the disk is full, or a file cannot be written.
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("The Maildir; made if it does not exist.", valueName: "maildir"),
        completion: .directory
    )
    var into: String

    @Flag(name: .long, help: "Fetch every folder, each into a folder of the Maildir.")
    var allFolders = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where it is recorded what was fetched. Default: a directory beside the settings file.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var state: String?

    @OptionGroup(title: "Store") var store: StoreOptions
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard !into.isEmpty else { throw ValidationError("--into needs the path of a Maildir.") }
        guard store.folder == nil || !allFolders else {
            throw ValidationError("Give either --folder or --all-folders.")
        }
    }

    func execute(on console: Console) async throws -> ExitCode {
        let mail = try await settings.makeClient(output, on: console)
        let (name, incoming) = try store.store(of: mail)
        guard let configured = incoming.interface(.fetching) else {
            throw MailError(.unsupported, "the store '\(name)' cannot be fetched from; choose another with --account")
        }
        let round = Round(
            account: name,
            store: incoming,
            configured: configured,
            directory: state ?? StateDirectory.beside(mail.settings),
            maildir: Maildir(into),
            isMirror: allFolders
        )
        let code: ExitCode
        do {
            code = try await fetch(round, on: console)
        } catch {
            await mail.close()
            throw error
        }
        await mail.close()
        return code
    }

    private func fetch(_ round: Round, on console: Console) async throws -> ExitCode {
        var code = ExitCodes.done
        let folders = allFolders ? try await round.folders() : [store.folder]
        for folder in folders {
            try Task.checkCancellation()
            let bar = ProgressBar(on: console, isVerbose: output.verbose, verb: "fetching")
            let report: FetchReport
            do {
                defer { bar?.finish() }
                report = try await round.run(folder, progress: bar?.fetchListener)
            } catch let error as MailError where allFolders && Self.concernsFolder(error) {
                // One folder that cannot be fetched is no reason to leave the others.
                var error = error
                error.message = "\(PeerText.shown(folder ?? "INBOX", limit: 100)): \(error.message)"
                let failure = Failure(error)
                failure.tell(on: console)
                if code == ExitCodes.done { code = failure.exitCode }
                continue
            }
            let told = FetchedMail(report, account: round.account, folder: folder, place: into)
            console.emit(told.json)
            for line in told.lines { console.say(line) }
            if code == ExitCodes.done { code = told.exitCode }
        }
        return code
    }

    /// Whether an error is about one folder, so that others may work.
    private static func concernsFolder(_ error: MailError) -> Bool {
        [.refused, .notFound, .misuse, .unsupported].contains(error.code)
    }

    /// What all folders are fetched with.
    private struct Round {
        let account: String
        let store: any IncomingStore
        let configured: any FetchConfigured
        let directory: String
        let maildir: Maildir
        /// Whether each folder has a place of its own.
        let isMirror: Bool

        /// The names of the folders that can hold messages; `nil` alone if there is the inbox only.
        func folders() async throws -> [String?] {
            try await Self.folders(of: store)
        }

        private static func folders(of store: some IncomingStore) async throws -> [String?] {
            try await store.withSession { session in
                guard let access = session.interface(.folders) else { return [nil] }
                return try await access.folders().filter(\.isSelectable).map(\.name)
            }
        }

        func run(_ folder: String?, progress: FetchProgress?) async throws -> FetchReport {
            try await fetcher(store, folder).run(progress: progress)
        }

        private func fetcher(_ store: some IncomingStore, _ folder: String?) async throws -> MailFetcher {
            // The inbox has the same records, whether it is named or not.
            let folder = folder.flatMap { $0.uppercased() == "INBOX" ? nil : $0 }
            return MailFetcher(
                store: store,
                account: FetchAccount(configured.fetchAccount),
                folder: folder,
                destination: try await place(of: folder),
                stateDirectory: directory,
                policy: configured.fetchPolicy
            )
        }

        /// With `--all-folders` each folder has its own; a single one goes into the Maildir itself.
        private func place(of folder: String?) async throws -> Maildir {
            guard isMirror, let folder, folder.uppercased() != "INBOX" else { return maildir }
            // A dot separates levels in a Maildir: that of a name is shown as a wide one.
            let name = folder.replacing(".", with: "\u{FF0E}")
            try await maildir.create()
            try await maildir.createFolder(name)
            return try maildir.folder(name)
        }
    }
}

/// Where records are kept unless `--state` says otherwise.
enum StateDirectory {
    /// `planung-3.state` beside `planung-3.yaml`.
    static func beside(_ settings: ClientSettings) -> String {
        let file = settings.files.first ?? "posthorn.yaml"
        let slash = file.lastIndex(of: "/").map { file.index(after: $0) } ?? file.startIndex
        let name = file[slash...]
        let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
        return "\(file[..<slash])\(stem.isEmpty ? name : stem).state"
    }
}
