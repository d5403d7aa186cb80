import ArgumentParser
import Posthorn

/// `posthorn folders`
struct FoldersCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "folders",
        abstract: "List the folders of a store."
    )

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The store, by its name under 'incoming' in the settings. Default: the one that 'use' names.",
            valueName: "name"
        )
    )
    var account: String?
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        let mail = try await settings.makeClient(output, on: console)
        var options = StoreOptions()
        options.account = account
        let (_, store) = try options.store(of: mail)
        let folders: [MailFolder]
        do {
            folders = try await Self.folders(of: store)
        } catch {
            await mail.close()
            throw error
        }
        await mail.close()
        for folder in folders {
            let uses = folder.uses.map { String($0.description.dropFirst()) }.sorted()
            console.emit([
                "name": .string(folder.name), "uses": .texts(uses), "selectable": .bool(folder.isSelectable),
            ])
            let notes = uses.map { $0.lowercased() } + (folder.isSelectable ? [] : ["holds folders only"])
            let name = PeerText.shown(folder.name, limit: 200)
            console.say(notes.isEmpty ? name : "\(name.padded(to: 32)) (\(notes.joined(separator: ", ")))")
        }
        return ExitCodes.done
    }

    /// A store without folders has its inbox.
    private static func folders(of store: some IncomingStore) async throws -> [MailFolder] {
        try await store.withSession { session in
            try await session.interface(.folders)?.folders() ?? [MailFolder(name: "INBOX")]
        }
    }
}
