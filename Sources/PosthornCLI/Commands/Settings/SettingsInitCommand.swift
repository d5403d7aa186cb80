import ArgumentParser
import Foundation
import Posthorn

/// `posthorn settings init`
struct SettingsInitCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a settings file to begin with: every key, with its help.",
        discussion: "Without --output, it is printed. A file that exists is replaced only with --force."
    )

    @Option(
        name: .long,
        help: ArgumentHelp("A plugin to be in the file; may be repeated. Default: all.", valueName: "name")
    )
    var plugin: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The client (workstation) that the file is for. Default: POSTHORN_CLIENT, or the host name.",
            valueName: "name"
        )
    )
    var client: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The file to write, with mode 0600.", valueName: "file")
    )
    var path: String?

    @Flag(name: .long, help: "Replace a file that exists.")
    var force = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if let mistake = ClientName.mistake(client) { throw ValidationError(mistake) }
        for name in plugin where !LinkedPlugins.names.contains(name) {
            throw ValidationError(
                "No plugin '\(PeerText.shown(name))' is linked; linked: \(LinkedPlugins.names.joined(separator: ", "))."
            )
        }
    }

    func execute(on console: Console) async throws -> ExitCode {
        let registry = try LinkedPlugins.registry(plugin)
        let name = ClientName(option: client).shortest
        let text = SettingsDocument.sample(client: name, plugins: registry)
        guard let path else {
            console.emit(["client": .string(name), "file": .null, "text": .string(text)])
            if !console.isJSON { console.write(text) }
            return ExitCodes.done
        }
        try prepare(path)
        try AtomicFile.write(Array(text.utf8), to: path, mode: 0o600)
        console.emit(["client": .string(name), "file": .string(path)])
        console.say("Wrote \(PeerText.shown(path)) for the client \(PeerText.shown(name)).")
        console.say("  Fill it in, then try it with: \(Self.check(path, for: name))")
        return ExitCodes.done
    }

    /// The command that checks the file: by the name of the client, if that finds it.
    private static func check(_ path: String, for client: String) -> String {
        let found = SettingsLocation(client: client).path
        if let found, URL(filePath: found).standardizedFileURL == URL(filePath: path).standardizedFileURL {
            return "posthorn check --client \(shellWord(client))"
        }
        return "POSTHORN_CLIENT=\(shellWord(client)) posthorn check --settings \(shellWord(path))"
    }

    /// The text as one word of a shell's command line.
    private static func shellWord(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: true
            default: "-_./+,:@%".utf8.contains(octet)
            }
        }
        let shown = PeerText.shown(text)
        return isPlain && !text.isEmpty ? shown : "'" + shown.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    /// Refuses to overwrite, and makes the directory.
    private func prepare(_ path: String) throws {
        let files = FileManager.default
        let isThere = (try? files.attributesOfItem(atPath: path)) != nil
        guard !isThere || force else {
            throw MailError(
                .storage,
                "the file '\(PeerText.shown(path))' exists and was not changed; --force replaces it"
            )
        }
        let directory = (path as NSString).deletingLastPathComponent
        guard !directory.isEmpty, !files.fileExists(atPath: directory) else { return }
        do {
            try files.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw MailError(
                .storage,
                "the directory '\(PeerText.shown(directory))' could not be made: "
                    + PeerText.shown(error.localizedDescription),
                cause: error
            )
        }
    }
}
