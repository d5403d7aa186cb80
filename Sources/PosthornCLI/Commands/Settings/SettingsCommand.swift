import ArgumentParser

/// `posthorn settings`
struct SettingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Write, show and find the settings file.",
        subcommands: [
            SettingsInitCommand.self, SettingsShowCommand.self, SettingsPathCommand.self, SettingsReferenceCommand.self,
        ]
    )
}
