/// The validated values of a group of settings.
public struct SettingsValues: Sendable {
    let place: SettingsGroupPlace
    var boxes: [String: any Sendable] = [:]
    var origins: [String: SettingsIssue.Origin] = [:]

    init(place: SettingsGroupPlace) {
        self.place = place
    }

    /// The dotted path of the group, such as `outgoing.smtp`.
    public var path: String { place.path }

    /// The value of a key: what the file says, or the default.
    ///
    /// - Throws: ``SettingsError`` if the key is not part of the schema, or has another type there.
    public subscript<Value: Sendable>(_ key: SettingsKey<Value>) -> Value {
        get throws {
            guard let box = boxes[key.name] as? SettingsBox<Value> else {
                throw SettingsError(
                    "the key '\(key.name)' is not part of the schema; add it to the plugin's `schema`"
                )
            }
            return box.value
        }
    }

    /// Whether the file (or one that it extends) gives the key.
    public func isGiven<Value>(_ key: SettingsKey<Value>) -> Bool { origins[key.name] != nil }

    /// Where the key's value was written, or the group if the key was not given.
    public func origin<Value>(of key: SettingsKey<Value>) -> SettingsIssue.Origin? {
        origins[key.name] ?? place.origin
    }

    /// A mistake at a key, with its full path and its place in the file.
    public func issue<Value>(at key: SettingsKey<Value>, _ message: String) -> SettingsIssue {
        SettingsIssue(
            message,
            path: place.path.isEmpty ? key.name : "\(place.path).\(key.name)",
            origin: origin(of: key)
        )
    }

    /// A mistake of the group as a whole.
    public func issue(_ message: String) -> SettingsIssue {
        SettingsIssue(message, path: place.path.isEmpty ? nil : place.path, origin: place.origin)
    }
}
