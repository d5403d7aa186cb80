import ArgumentParser
import Posthorn

/// Which settings file a command uses.
struct SettingsOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The settings file. Default: POSTHORN_SETTINGS.", valueName: "file")
    )
    var settings: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The client (workstation) whose file is used. Default: POSTHORN_CLIENT, or the host name.",
            valueName: "name"
        )
    )
    var client: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The directory of the clients' files. Default: POSTHORN_SETTINGS_DIR, or ~/.config/posthorn and then "
                + "/etc/posthorn.",
            valueName: "directory"
        )
    )
    var settingsDir: String?

    func validate() throws {
        if let mistake = ClientName.mistake(client) { throw ValidationError(mistake) }
        guard settings == nil || (client == nil && settingsDir == nil) else {
            throw ValidationError(
                "Give either --settings (one file) or --client and --settings-dir (a directory of files), not both. "
                    + "POSTHORN_CLIENT=NAME says for which client a file given by --settings is."
            )
        }
    }

    /// The file, by these options, the environment and the usual places.
    var location: SettingsLocation { SettingsLocation(self) }

    /// The client object of that file, with all linked plugins.
    func makeClient(_ output: OutputOptions, on console: Console) async throws -> PosthornClient {
        try await PosthornClient(
            settings: try location.file(),
            plugins: LinkedPlugins.all,
            logger: StandardErrorLog.logger(console, isVerbose: output.verbose)
        )
    }
}
