/// A typed key for an optional ability of a store or a session.
///
/// ```swift
/// if let deletion = session.interface(.deletion) { try await deletion.delete([message.id]) }
/// ```
/// Third parties may define keys of their own in an extension.
public struct StoreCapability<Interface>: Sendable {
    /// The name shown to people, such as `deletion`.
    public let name: String

    /// Creates a key.
    public init(_ name: String) {
        self.name = name
    }
}

extension StoreCapability where Interface == any MessageDeletion {
    /// Deleting messages when the session ends well.
    public static var deletion: Self { Self("deletion") }
}

extension StoreCapability where Interface == any FlagStorage {
    /// Flags (read, answered, …) that the store keeps.
    public static var flags: Self { Self("flags") }
}

extension StoreCapability where Interface == any HeaderReading {
    /// Reading headers without the rest.
    public static var headers: Self { Self("headers") }
}

extension StoreCapability where Interface == any FolderAccess {
    /// Folders beside the inbox.
    public static var folders: Self { Self("folders") }
}

extension StoreCapability where Interface == any MessageAppending {
    /// Putting messages into the store.
    public static var append: Self { Self("append") }
}

extension StoreCapability where Interface == any ArrivalWatching {
    /// Waiting for new messages.
    public static var arrivals: Self { Self("arrivals") }
}

extension StoreCapability where Interface == any QuotaReporting {
    /// How much room there is.
    public static var quota: Self { Self("quota") }
}

extension StoreCapability where Interface == any Diagnosing {
    /// Checking step by step whether the store can be reached and used.
    public static var diagnosis: Self { Self("diagnosis") }
}
