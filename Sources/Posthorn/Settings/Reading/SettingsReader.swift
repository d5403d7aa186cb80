/// Reads values by their types, and collects all mistakes and all effective values on the way.
struct SettingsReader {
    private(set) var issues: [SettingsIssue] = []
    private(set) var entries: [SettingsEntry] = []
    /// The names of transports and stores that keys refer to.
    private(set) var references: [AccountReference] = []
    /// The dotted path of the value that is being read.
    private(set) var path = ""
    /// Where the key of that value stands; groups without a key of their own are pointed at there.
    private(set) var keyOrigin: SettingsIssue.Origin?
    private var help = ""
    /// Whether the value must not appear in any message.
    private var isHidden = false
    private var isRecording = true
    let machine: SettingsMachine

    init(machine: SettingsMachine) {
        self.machine = machine
    }

    // MARK: Reporting

    /// A mistake at the value that is being read. Below a secret key, the message is replaced by one that
    /// holds nothing of the value.
    mutating func report(_ message: String, at origin: SettingsIssue.Origin?) {
        let safe = isHidden ? "the value is not valid (it is not shown, because the key is secret)" : message
        reportHidden(safe, at: origin)
    }

    /// A mistake whose message is known to hold nothing of the value.
    mutating func reportHidden(_ message: String, at origin: SettingsIssue.Origin?) {
        issues.append(SettingsIssue(message, path: path.isEmpty ? nil : path, origin: origin))
    }

    /// A mistake that a type or a plugin found.
    mutating func report(_ error: any Error, at origin: SettingsIssue.Origin?, expected: String) {
        if isHidden {
            reportHidden("expected \(expected); the value is not shown, because the key is secret", at: origin)
            return
        }
        switch error {
        case let error as SettingsError:
            for issue in error.issues {
                issues.append(
                    SettingsIssue(
                        issue.message,
                        path: issue.path ?? (path.isEmpty ? nil : path),
                        origin: issue.origin ?? origin
                    )
                )
            }
        case let error as MailError: report(error.message, at: origin)
        default: report(PeerText.shown("\(error)"), at: origin)
        }
    }

    /// A value of the wrong kind.
    mutating func reportWrongShape(_ node: SettingsNode, expected: String, example: String) {
        if isHidden {
            reportHidden("expected \(expected); the value is not shown, because the key is secret", at: node.origin)
        } else if case .empty = node.content {
            reportEmpty(node, expected: expected)
        } else {
            report("expected \(expected), such as '\(example)', but found \(node.kind)", at: node.origin)
        }
    }

    /// A key without a value.
    private mutating func reportEmpty(_ node: SettingsNode, expected: String) {
        reportHidden(
            "there is no value; write one (\(expected)) or remove the key. A text that begins with '#' has to stand "
                + "in quotes",
            at: node.origin
        )
    }

    mutating func add(_ more: [SettingsIssue]) {
        issues.append(contentsOf: more)
    }

    mutating func refer(_ reference: AccountReference) {
        references.append(reference)
    }

    // MARK: Effective values

    /// An effective value.
    ///
    /// - Parameter isMasked: whether the text is known to hold no secret, although the key is secret.
    mutating func record(_ text: String?, at origin: SettingsIssue.Origin?, isMasked: Bool = false) {
        guard isRecording, let text else { return }
        let shown = isHidden && !isMasked ? "<secret>" : PeerText.shown(text)
        entries.append(SettingsEntry(path: path, text: shown, origin: origin, help: help))
    }

    mutating func withoutRecording<Result>(_ body: (inout SettingsReader) -> Result) -> Result {
        let before = isRecording
        isRecording = false
        defer { isRecording = before }
        return body(&self)
    }

    // MARK: Keys

    /// Reads one key of a group: what the file says, or what stands for its absence.
    mutating func read<Value: Sendable>(
        _ key: SettingsKey<Value>,
        _ pair: SettingsNode.Pair?,
        in place: SettingsGroupPlace
    ) -> Value? {
        descend(to: key.name, in: place, origin: pair?.origin ?? place.origin, help: key.help, hide: key.isSecret) {
            reader in
            guard let pair else { return reader.absent(key, in: place) }
            if case .empty = pair.value.content, !key.type.acceptsEmpty {
                reader.reportEmpty(pair.value, expected: key.type.name)
                return nil
            }
            return key.type.read(pair.value, &reader)
        }
    }

    private mutating func absent<Value: Sendable>(_ key: SettingsKey<Value>, in place: SettingsGroupPlace) -> Value? {
        switch key.absence {
        case .mistake:
            let example = key.isSecret ? "{ env: \(SecretSample.variable(for: path)) }" : key.example
            reportHidden("the key is missing; add it, such as '\(key.name): \(example)'", at: place.origin)
            return nil
        case .value(let value):
            record(key.type.show(value), at: nil, isMasked: key.type.isSecret)
            return value
        case .emptyGroup:
            let nothing = place.origin ?? SettingsIssue.Origin(file: place.file.name, line: 1, column: 1)
            return key.type.read(SettingsNode(content: .empty, origin: nothing, file: place.file), &self)
        }
    }

    /// Reads the value of a name of one's own choice.
    mutating func readNamed<Value: Sendable>(_ pair: SettingsNode.Pair, _ type: SettingsType<Value>) -> Value? {
        let place = SettingsGroupPlace(path: path, origin: pair.origin, file: pair.value.file)
        return descend(to: pair.key, in: place, origin: pair.origin, help: help, hide: type.isSecret) { reader in
            type.read(pair.value, &reader)
        }
    }

    /// Goes one step down the path and comes back.
    mutating func descend<Result>(
        to name: String,
        in place: SettingsGroupPlace,
        origin: SettingsIssue.Origin?,
        help: String,
        hide: Bool,
        _ body: (inout SettingsReader) -> Result
    ) -> Result {
        let before = (path, keyOrigin, self.help, isHidden)
        path = place.path.isEmpty ? name : "\(place.path).\(name)"
        keyOrigin = origin
        self.help = help
        isHidden = isHidden || hide
        defer { (path, keyOrigin, self.help, isHidden) = before }
        return body(&self)
    }
}
