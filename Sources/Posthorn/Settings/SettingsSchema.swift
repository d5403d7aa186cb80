/// The keys of a group of settings, in order.
public struct SettingsSchema: Sendable {
    /// Creates a schema.
    public init<each Value: Sendable>(_ keys: repeat SettingsKey<each Value>) {}
}

/// The validated values of a group of settings.
public struct SettingsValues: Sendable {
    /// The value of a key: what the file says, or the default.
    public subscript<Value: Sendable>(_ key: SettingsKey<Value>) -> Value {
        get throws {
            throw SettingsError("the key '\(key.name)' is not part of the schema")
        }
    }
}
