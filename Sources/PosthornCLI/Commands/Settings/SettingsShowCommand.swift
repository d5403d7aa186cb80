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
        let files = loaded.files.map { PeerText.shown($0) }.joined(separator: ", which extends ")
        console.say("\(files), for the client \(PeerText.shown(loaded.client))")
        let names = loaded.entries.map(\.path.count).max() ?? 0
        let values = loaded.entries.map { PeerText.shown($0.text).count }.filter { $0 <= 40 }.max() ?? 0
        for entry in loaded.entries {
            let value = PeerText.shown(entry.text)
            let source = Self.source(entry, files: loaded.files)
            console.say("\(Self.padded(entry.path, names))  \(Self.padded(value, values))  \(source)")
        }
        return ExitCodes.done
    }

    /// `line 9`, or `site.yaml line 9` if there is more than one file.
    private static func source(_ entry: SettingsEntry, files: [String]) -> String {
        guard let origin = entry.origin else { return "default" }
        guard files.count > 1 else { return "line \(origin.line)" }
        let name = TextFile.name(of: origin.file)
        // Files of one name in several directories are told apart by their paths.
        let isUnique = files.filter { TextFile.name(of: $0) == name }.count == 1
        return "\(PeerText.shown(isUnique ? name : origin.file)) line \(origin.line)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
