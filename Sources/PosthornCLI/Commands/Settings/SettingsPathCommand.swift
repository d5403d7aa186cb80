import ArgumentParser
import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `posthorn settings path`
struct SettingsPathCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print which settings file is used; the standard error says why.",
        discussion: "The file is not read. Exit code 78 if there is none."
    )

    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        let location = settings.location
        guard let path = location.path else {
            // The error of reading it says where it was looked for.
            _ = try location.file().load(plugins: try LinkedPlugins.registry())
            throw SettingsError("there is no settings file")
        }
        console.emit([
            "file": .string(path), "reason": .string(location.reason), "client": .text(location.client.names.first),
            "client_source": .string(location.client.source), "searched": .texts(location.candidates),
        ])
        console.say(path)
        guard !console.isJSON else { return ExitCodes.done }
        console.note("  why:      \(location.reason)")
        console.note("  client:   \(PeerText.shown(location.client.names.first ?? "")) (\(location.client.source))")
        if location.candidates.count > 1 {
            console.note(
                "  searched: " + location.candidates.map { PeerText.shown($0) }.joined(separator: "\n            ")
            )
        }
        return ExitCodes.done
    }
}
