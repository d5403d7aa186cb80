import ArgumentParser
import Posthorn
import PosthornMIME

/// `posthorn inspect`
struct InspectCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what messages consist of: header, parts, sizes, defects.",
        discussion: """
            Reads any message, however broken, in little memory. A part's size and SHA-256 are those of its decoded octets. \
            With --json, one object is printed for each file.
            """
    )

    @Argument(help: "Messages (.eml); '-' is the standard input.", completion: .file(extensions: ["eml"]))
    var files: [String]

    @Option(
        name: .long,
        help: ArgumentHelp("Write each part, decoded, to DIR/<file>/<part>.", valueName: "DIR"),
        completion: .directory
    )
    var extract: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("The standard input can be read only once: give '-' once.")
        }
    }

    func execute(on console: Console) async throws -> ExitCode {
        var code = ExitCodes.done
        var names = FolderNames()
        for file in files {
            try Task.checkCancellation()
            do {
                let folder = try extract.map { try PartFolder(names.name(for: file), in: $0) }
                try Self.inspect(file, into: folder, on: console)
            } catch let error as MailError {
                // One file that cannot be read is no reason to say nothing of the others.
                let failure = Failure(error)
                failure.tell(on: console)
                if code == ExitCodes.done { code = failure.exitCode }
            }
        }
        return code
    }

    private static func inspect(_ file: String, into folder: PartFolder?, on console: Console) throws {
        let copy = file == "-" ? try InputCopy() : nil
        defer { copy?.remove() }
        // Deeper than a mail program would look: whoever asks wants to see what is there.
        let message = try ParsedMessage(file: copy?.path ?? file, limits: ParsingLimits(depth: 256))
        let report = try MessageReport(message, name: file, folder: folder)
        console.emit(report.json)
        for line in report.lines { console.say(line) }
    }
}
