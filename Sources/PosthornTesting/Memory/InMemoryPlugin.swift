public import Posthorn
import Synchronization

/// A plugin whose transports and stores live in memory: for tests of programs that send and fetch.
///
/// ```swift
/// let memory = InMemoryPlugin()
/// let settings = SettingsFile.text("client: test\nuse: { outgoing: memory, incoming: memory }")
/// let mail = try await PosthornClient(settings: settings, plugins: [memory], client: "test")
/// … // what the program does
/// #expect(memory.transport().sent.count == 1)
/// ```
/// Each name in the settings file has a transport or store of its own, so that lists of transports can be tested too.
public struct InMemoryPlugin: OutgoingPlugin, IncomingPlugin {
    /// There is nothing to set.
    public struct Settings: PluginSettings {
        /// No key.
        public static let schema = SettingsSchema()

        /// Takes nothing.
        public init(_ values: SettingsValues) throws {}
    }

    /// There is nothing to set for stores either.
    public typealias StoreSettings = Settings

    private final class Shelf: Sendable {
        let transports = Mutex<[String: InMemoryTransport]>([:])
        let stores = Mutex<[String: InMemoryStore]>([:])
    }

    private let shelf = Shelf()

    /// `memory`
    public let identifier = "memory"

    /// What it does.
    public let summary = "Keeps mail in memory, for tests."

    /// Creates a plugin without any mail. Copies share the mail.
    public init() {}

    /// The transport of that name in the settings file; made when it is first asked for.
    public func transport(_ name: String = "memory") -> InMemoryTransport {
        shelf.transports.withLock { transports in
            if let transport = transports[name] { return transport }
            let transport = InMemoryTransport()
            transports[name] = transport
            return transport
        }
    }

    /// The store of that name in the settings file; made when it is first asked for.
    public func store(_ name: String = "memory") -> InMemoryStore {
        shelf.stores.withLock { stores in
            if let store = stores[name] { return store }
            let store = InMemoryStore()
            stores[name] = store
            return store
        }
    }

    /// The transport of the account's name.
    public func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
        transport(context.account)
    }

    /// The store of the account's name.
    public func makeStore(_ settings: StoreSettings, context: PluginContext) throws -> any IncomingStore {
        store(context.account)
    }
}

extension PosthornPlugin where Self == InMemoryPlugin {
    /// A plugin whose transports and stores live in memory. Keep an ``InMemoryPlugin`` of your own to look at the mail.
    public static var memory: Self { InMemoryPlugin() }
}
