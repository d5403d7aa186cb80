/// Reads a settings file and the files that it extends.
struct SettingsChain {
    static let depthLimit = 8
    static let sizeLimit = 1024 * 1024

    /// What was read, the client's own file first.
    private(set) var roots: [SettingsNode] = []
    /// Where it was read from; empty for texts of the program.
    private(set) var paths: [String] = []
    private(set) var issues: [SettingsIssue] = []
    /// Whether a file is missing or not readable. Every other complaint could be a consequence then.
    private(set) var isBroken = false
    let machine: SettingsMachine

    init(machine: SettingsMachine) {
        self.machine = machine
    }

    /// Reads a text of the program, and what it extends.
    mutating func read(text: String, name: String, directory: String) {
        let source = SettingsSource(name: name, directory: SettingsPath.absolute(directory), privacy: .closed)
        read(text, source)
    }

    /// Reads a file, and what it extends.
    mutating func read(file: SmallFile, path: String) {
        let absolute = SettingsPath.absolute(path)
        let source = SettingsSource(
            name: path,
            directory: SettingsPath.directory(of: absolute),
            privacy: file.isPrivate ? .closed : .open(path: path)
        )
        paths.append(path)
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            fail(Self.encodingIssue(file.bytes, source))
            return
        }
        read(text, source)
    }

    private mutating func read(_ text: String, _ source: SettingsSource) {
        guard text.utf8.count <= Self.sizeLimit else {
            fail(
                SettingsIssue(
                    "the settings are larger than \(Self.sizeLimit / 1024) KiB",
                    origin: .init(file: source.name, line: 1, column: 1)
                )
            )
            return
        }
        let withoutMark = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let (root, problems) = YAMLTree.read(withoutMark, source: source)
        issues += problems
        guard let root else {
            isBroken = true
            return
        }
        roots.append(root)
        if let extended = root["extends"] { follow(extended) }
    }

    private mutating func fail(_ issue: SettingsIssue) {
        isBroken = true
        issues.append(issue)
    }

    private mutating func follow(_ node: SettingsNode) {
        // A value of the wrong kind is reported where all values are read.
        guard let text = node.text, !text.isEmpty else { return }
        func issue(_ message: String) -> SettingsIssue {
            SettingsIssue(message, path: "extends", origin: node.origin)
        }
        let path: String
        do {
            path = try SettingsPath.resolve(text, in: node.file.directory, machine: machine)
        } catch {
            fail(issue((error as? SettingsError)?.issues.first?.message ?? "the path is not valid"))
            return
        }
        let chain = paths.map { SettingsPath.canonical($0) }
        if chain.contains(SettingsPath.canonical(path)) {
            let names = (paths + [text]).map { PeerText.shown($0) }.joined(separator: " → ")
            fail(issue("the files extend each other in a circle (\(names)); remove one 'extends'"))
            return
        }
        guard roots.count <= Self.depthLimit else {
            fail(issue("more than \(Self.depthLimit) files extend each other; join some of them"))
            return
        }
        do throws(SmallFile.Failure) {
            let file = try SmallFile(path: path, limit: Self.sizeLimit)
            read(file: file, path: shownPath(text, path, from: node.file))
        } catch {
            let reason = error.isMissing ? "does not exist" : error.reason
            fail(issue("the file '\(PeerText.shown(path))' \(reason)"))
        }
    }

    /// The extended file as it is named in messages: beside the first file as that one was named.
    private func shownPath(_ text: String, _ path: String, from source: SettingsSource) -> String {
        guard !text.hasPrefix("/"), !text.hasPrefix("~"), source.name.contains("/") else {
            return text.hasPrefix("~") ? path : text
        }
        let directory = SettingsPath.directory(of: source.name)
        return "\(directory == "/" ? "" : directory)/\(text)"
    }

    private static func encodingIssue(_ bytes: [UInt8], _ source: SettingsSource) -> SettingsIssue {
        // The valid beginning ends where the mistake is.
        var line = 1
        var column = 1
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\u{FFFD}" { break }
            column = scalar == "\n" ? 1 : column + 1
            line += scalar == "\n" ? 1 : 0
        }
        return SettingsIssue(
            "the file is not UTF-8 here; save it as UTF-8",
            origin: .init(file: source.name, line: line, column: column)
        )
    }
}
