public import Logging

/// A plugin: a word for the settings file and a factory for what stands behind it.
///
/// A plugin that sends conforms to ``OutgoingPlugin``, one that fetches to ``IncomingPlugin``; one type may be both.
public protocol PosthornPlugin: Sendable {
    /// The word in the settings file, such as `smtp`: lower-case letters, digits and hyphens.
    var identifier: String { get }

    /// What it does, in one sentence, for `posthorn plugins` and settings pages.
    var summary: String { get }
}

/// A plugin that makes outgoing transports.
public protocol OutgoingPlugin: PosthornPlugin {
    /// The settings of one transport, which describe themselves.
    associatedtype Settings: PluginSettings

    /// Makes a transport. Validates and allocates; never touches the network.
    ///
    /// - Throws: ``SettingsError`` or ``MailError`` if the settings cannot work on this machine.
    func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport
}

/// A plugin that makes incoming stores.
public protocol IncomingPlugin: PosthornPlugin {
    /// The settings of one store, which describe themselves.
    associatedtype StoreSettings: PluginSettings

    /// Makes a store. Validates and allocates; never touches the network.
    ///
    /// - Throws: ``SettingsError`` or ``MailError`` if the settings cannot work on this machine.
    func makeStore(_ settings: StoreSettings, context: PluginContext) throws -> any IncomingStore
}

/// What the client object gives to a plugin's factory.
public struct PluginContext: Sendable {
    /// The name under which the settings file lists the transport or store; used in errors.
    public var account: String
    /// The running client (workstation).
    public var client: String
    /// The host's logger.
    public var logger: Logger

    /// Creates a context.
    public init(account: String, client: String, logger: Logger) {
        self.account = account
        self.client = client
        self.logger = logger
    }
}
