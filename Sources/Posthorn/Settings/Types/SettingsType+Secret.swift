extension SettingsType where Value == SecretSource {
    /// A secret: `{ env: NAME }`, `{ file: PATH }`, `{ command: [PROGRAM, ARGUMENT] }`, or the text itself in a
    /// file that others cannot read. What it refers to is checked when the file is read; the secret itself is
    /// read each time it is needed.
    public static var secret: Self {
        SettingsType(
            name: "secret",
            example: "{ env: POSTHORN_PASSWORD }",
            isSecret: true,
            show: { "<secret from \($0)>" },
            read: { node, reader in
                guard let source = SecretReading.read(node, &reader) else { return nil }
                reader.record("<secret from \(source)>", at: node.origin, isMasked: true)
                return source
            }
        )
    }
}

/// Reads where a secret comes from. No message shows anything but names of variables, files and programs.
enum SecretReading {
    private static let forms = "{ env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT] }"

    static func read(_ node: SettingsNode, _ reader: inout SettingsReader) -> SecretSource? {
        switch node.content {
        case .scalar(let text, _): return readLiteral(text, node, &reader)
        case .mapping(let pairs): return readReference(pairs, node, &reader)
        case .sequence, .empty:
            reader.reportHidden("expected a secret as \(forms)", at: node.origin)
            return nil
        }
    }

    private static func readLiteral(_ text: String, _ node: SettingsNode, _ reader: inout SettingsReader)
        -> SecretSource?
    {
        guard !text.isEmpty else {
            reader.reportHidden("the secret is empty; write it as \(forms)", at: node.origin)
            return nil
        }
        if case .open(let path) = node.file.privacy {
            reader.reportHidden(
                "a secret stands in a file that others can read; run 'chmod 600 \(PeerText.shown(path))', "
                    + "or write it as \(forms)",
                at: node.origin
            )
            return nil
        }
        return .literal(Secret(text))
    }

    private static func readReference(
        _ pairs: [SettingsNode.Pair],
        _ node: SettingsNode,
        _ reader: inout SettingsReader
    ) -> SecretSource? {
        guard let pair = pairs.first, pairs.count == 1 else {
            reader.reportHidden("expected exactly one source of the secret: \(forms)", at: node.origin)
            return nil
        }
        let source: SecretSource?
        switch pair.key {
        case "env": source = readVariable(pair.value, &reader)
        case "file": source = readFile(pair.value, &reader)
        case "command": source = readCommand(pair.value, &reader)
        default:
            // The key is not shown: it may be a password in the wrong place.
            reader.reportHidden("unknown source of a secret; expected \(forms)", at: pair.origin)
            return nil
        }
        guard let source else { return nil }
        if let problem = source.problem(on: reader.machine) {
            reader.reportHidden(problem, at: pair.value.origin)
            return nil
        }
        return source
    }

    private static func readVariable(_ node: SettingsNode, _ reader: inout SettingsReader) -> SecretSource? {
        guard case .scalar(let name, _) = node.content, isVariableName(name) else {
            reader.reportHidden(
                "'env' takes the name of an environment variable: letters, digits and underscores, such as "
                    + "POSTHORN_PASSWORD",
                at: node.origin
            )
            return nil
        }
        return .environment(name)
    }

    private static func readFile(_ node: SettingsNode, _ reader: inout SettingsReader) -> SecretSource? {
        guard case .scalar(let text, _) = node.content,
            let path = try? SettingsPath.resolve(text, in: node.file.directory, machine: reader.machine)
        else {
            reader.reportHidden(
                "'file' takes the path of a file that holds the secret, such as imap.secret",
                at: node.origin
            )
            return nil
        }
        return SecretSource(value: .file(path: path, shown: text))
    }

    private static func readCommand(_ node: SettingsNode, _ reader: inout SettingsReader) -> SecretSource? {
        var words: [String] = []
        let items: [SettingsNode]
        if case .sequence(let sequence) = node.content { items = sequence } else { items = [node] }
        for item in items {
            guard case .scalar(let word, _) = item.content, !word.contains("\0") else { break }
            words.append(word)
        }
        guard words.count == items.count, let program = words.first, !program.isEmpty,
            !program.contains(" ") || items.count > 1
        else {
            reader.reportHidden(
                "'command' takes a list of the program and its arguments, such as [pass, show, mail]; no shell is run",
                at: node.origin
            )
            return nil
        }
        return .command(words)
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
