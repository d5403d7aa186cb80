import ArgumentParser
import Posthorn

/// `posthorn settings show`
struct SettingsShowCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show every effective value and where it comes from. Secrets are masked."
    )

    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        let location = settings.location
        let loaded = try location.file().load(plugins: try LinkedPlugins.registry())
        console.emit([
            "client": .string(loaded.client), "files": .texts(loaded.files),
            "values": .array(
                loaded.entries.map { entry in
                    [
                        "path": .string(entry.path), "value": .string(entry.text),
                        "origin": entry.origin.map { .string($0.description) } ?? .null, "help": .string(entry.help),
                    ]
                }
            ),
        ])
        let names = loaded.entries.map(\.path.count).max() ?? 0
        let values = loaded.entries.map { PeerText.shown($0.text).count }.filter { $0 <= 40 }.max() ?? 0
        for entry in loaded.entries {
            let value = PeerText.shown(entry.text)
            let source = Self.source(entry, own: loaded.files.count == 1)
            console.say("\(Self.padded(entry.path, names))  \(Self.padded(value, values))  \(source)")
        }
        return ExitCodes.done
    }

    /// `line 9`, or the whole origin if there is more than one file.
    private static func source(_ entry: SettingsEntry, own: Bool) -> String {
        guard let origin = entry.origin else { return "default" }
        return own ? "line \(origin.line)" : PeerText.shown("\(origin.file):\(origin.line)")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
