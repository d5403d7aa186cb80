import ArgumentParser
import Posthorn

/// Which store a command works with.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The store, by its name under 'incoming' in the settings. Default: the one that 'use' names.",
            valueName: "name"
        )
    )
    var account: String?

    @Option(name: .long, help: ArgumentHelp("The folder. Default: the inbox.", valueName: "name"))
    var folder: String?

    /// The store of the settings.
    func store(of mail: PosthornClient) throws -> (name: String, store: any IncomingStore) {
        guard let name = account ?? mail.settings.defaultIncoming else {
            let names = mail.settings.incoming.map(\.name)
            // With one store there is nothing to choose.
            if names.count == 1 { return (names[0], try mail.store(names[0])) }
            throw SettingsError(
                names.isEmpty
                    ? "the settings configure no store; add one under 'incoming'"
                    : "the settings do not say which store is used; add 'use: { incoming: \(names[0]) }', or give --account"
            )
        }
        return (name, try mail.store(name))
    }

    /// Chooses the folder, if one was asked for.
    func select(in session: some StoreSession, named account: String) async throws {
        guard let folder else { return }
        guard let folders = session.interface(.folders) else {
            guard folder.uppercased() != "INBOX" else { return }
            throw MailError(
                .unsupported,
                "this store has the inbox and no other folders; leave --folder out, or use an IMAP account",
                account: account
            )
        }
        try await folders.select(folder)
    }
}
