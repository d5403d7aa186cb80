/// The type of a setting: how a value is written in the file, and what it becomes.
public struct SettingsType<Value: Sendable>: Sendable {
    /// How the type is named to people: `text`, `number from 1 to 65535`, `one of tls, starttls`, `duration`.
    public let name: String

    init(name: String) {
        self.name = name
    }
}
