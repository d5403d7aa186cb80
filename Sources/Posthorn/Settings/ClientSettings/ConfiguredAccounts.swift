public import Logging

/// A transport as the settings describe it, not yet made.
public struct ConfiguredOutgoing: Sendable {
    /// The name in the settings file, such as `smtp`.
    public let name: String
    /// The plugin.
    public let plugin: any OutgoingPlugin
    /// The plugin's settings, read and checked.
    public let settings: any PluginSettings
    /// Where the transport was configured; `nil` if it did not come from a file.
    public let origin: SettingsIssue.Origin?
    private let make: @Sendable (PluginContext) throws -> any OutgoingTransport

    /// A transport of a plugin and its settings.
    public init<Plugin: OutgoingPlugin>(
        name: String,
        plugin: Plugin,
        settings: Plugin.Settings,
        origin: SettingsIssue.Origin? = nil
    ) {
        self.name = name
        self.plugin = plugin
        self.settings = settings
        self.origin = origin
        make = { try plugin.makeTransport(settings, context: $0) }
    }

    /// Makes the transport. Never touches the network.
    ///
    /// - Throws: what the plugin throws: ``SettingsError`` or ``MailError``.
    public func makeTransport(client: String, logger: Logger) throws -> any OutgoingTransport {
        try make(PluginContext(account: name, client: client, logger: logger))
    }
}

/// A store as the settings describe it, not yet made.
public struct ConfiguredIncoming: Sendable {
    /// The name in the settings file, such as `imap`.
    public let name: String
    /// The plugin.
    public let plugin: any IncomingPlugin
    /// The plugin's settings, read and checked.
    public let settings: any PluginSettings
    /// Where the store was configured; `nil` if it did not come from a file.
    public let origin: SettingsIssue.Origin?
    private let make: @Sendable (PluginContext) throws -> any IncomingStore

    /// A store of a plugin and its settings.
    public init<Plugin: IncomingPlugin>(
        name: String,
        plugin: Plugin,
        settings: Plugin.StoreSettings,
        origin: SettingsIssue.Origin? = nil
    ) {
        self.name = name
        self.plugin = plugin
        self.settings = settings
        self.origin = origin
        make = { try plugin.makeStore(settings, context: $0) }
    }

    /// Makes the store. Never touches the network.
    ///
    /// - Throws: what the plugin throws: ``SettingsError`` or ``MailError``.
    public func makeStore(client: String, logger: Logger) throws -> any IncomingStore {
        try make(PluginContext(account: name, client: client, logger: logger))
    }
}
