import ArgumentParser

/// The command-line tool.
@main
struct PosthornCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "posthorn",
        abstract: "Sends and fetches mail on the ways that a settings file names, and says what became of it.",
        discussion: """
            Begin with 'posthorn demo' (needs no account), then 'posthorn settings init' and 'posthorn check'.

            Exit codes: 0 done, 64 usage, 65 bad data, 69 unreachable, 70 a fault of posthorn, 73 cannot write, \
            75 try later, 76 protocol or outcome unknown, 77 refused, 78 settings, 130 interrupted (Ctrl-C), \
            143 ended (SIGTERM).
            """,
        version: "0.1.0",
        subcommands: [
            SendCommand.self, FetchCommand.self, ListCommand.self, FoldersCommand.self, WatchCommand.self,
            CheckCommand.self, SettingsCommand.self, PluginsCommand.self, InspectCommand.self, DemoCommand.self,
        ]
    )
}
