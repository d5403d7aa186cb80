import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@Suite("The life of stores and their sessions", .computing)
struct StoreLifeTests {
    /// Counts what happens to it; its commit fails.
    private final class Store: IncomingStore {
        let abandoned = Mutex(0)
        let closed = Mutex(0)

        func openSession() async throws -> sending Session { Session(self) }
        func close() async { closed.withLock { $0 += 1 } }

        final class Session: StoreSession {
            private let store: Store
            init(_ store: Store) { self.store = store }
            func messages() async throws -> [StoredMessage] { [] }
            func content(of id: StoredMessage.ID) async throws -> MessageContent { .text("") }
            func commit() async throws { throw MailError(.connectionLost, "gone") }
            func abandon() async { store.abandoned.withLock { $0 += 1 } }
        }
    }

    private struct Plugin: IncomingPlugin {
        struct StoreSettings: PluginSettings {
            static let schema = SettingsSchema()
            init(_ values: SettingsValues) throws {}
        }
        let store: Store
        let identifier = "probe"
        let summary = "Counts."
        func makeStore(_ settings: StoreSettings, context: PluginContext) throws -> any IncomingStore { store }
    }

    @Test("A session whose commit fails is abandoned, and the error is the commit's")
    func failedCommit() async {
        let store = Store()
        let error = await #expect(throws: MailError.self) { try await store.withSession { _ in } }
        #expect(error?.code == .connectionLost)
        #expect(store.abandoned.withLock { $0 } == 1)
    }

    @Test("Closing the client closes its stores")
    func close() async throws {
        let store = Store()
        let mail = try await PosthornClient(
            settings: .text("client: test\nuse: { incoming: probe }\nincoming: { probe: {} }\n"),
            plugins: [Plugin(store: store)],
            client: "test"
        )
        await mail.close()
        #expect(store.closed.withLock { $0 } == 1)
    }
}
