/// One effective value, for `posthorn settings show`.
public struct SettingsEntry: Hashable, Sendable {
    /// The dotted path, such as `outgoing.smtp.port`.
    public var path: String
    /// The value as it would be written; secrets as `<secret from env POSTHORN_SMTP_PASSWORD>`.
    public var text: String
    /// Where it was written; `nil` for a default.
    public var origin: SettingsIssue.Origin?
    /// What the key is for.
    public var help: String

    /// Creates an entry.
    public init(path: String, text: String, origin: SettingsIssue.Origin?, help: String) {
        self.path = path
        self.text = text
        self.origin = origin
        self.help = help
    }

    /// Where the value comes from: `planung-3.yaml:9:15`, or `default`.
    public var source: String { origin?.description ?? "default" }
}
