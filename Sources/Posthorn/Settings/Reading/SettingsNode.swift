/// A value as it stands in a file, before any key's type looked at it.
struct SettingsNode: Sendable {
    /// A key and its value.
    struct Pair: Sendable {
        var key: String
        /// Where the key stands.
        var origin: SettingsIssue.Origin
        var value: SettingsNode
    }

    enum Content: Sendable {
        /// A text. `isQuoted` is kept so that a loaded file is written back as it was.
        case scalar(String, isQuoted: Bool)
        case sequence([SettingsNode])
        case mapping([Pair])
        /// Nothing at all, `~` or `null`.
        case empty
    }

    var content: Content
    /// Where the value stands.
    var origin: SettingsIssue.Origin
    /// The file in which it stands.
    var file: SettingsSource

    /// The value of a key, if this is a mapping that has it.
    subscript(key: String) -> SettingsNode? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    /// The text, if this is one.
    var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    /// The keys and values, if this is a mapping.
    var pairs: [Pair] {
        guard case .mapping(let pairs) = content else { return [] }
        return pairs
    }

    /// The kind in words.
    var kind: String {
        switch content {
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a group of keys"
        case .empty: "nothing"
        }
    }
}

/// The file (or text) from which values came.
struct SettingsSource: Sendable {
    /// Who can read the file.
    enum Privacy: Sendable {
        /// Nobody but its owner, or it is not a file at all.
        case closed
        /// Others too; the path is for the advice.
        case open(path: String)
    }

    /// The file as it is named in messages.
    let name: String
    /// The directory to which relative paths refer.
    let directory: String
    /// Who can read it.
    let privacy: Privacy
}
