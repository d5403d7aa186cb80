import Logging
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite(.computing) struct InMemoryPluginTests {
    @Test func `A settings file can name transports and stores in memory`() async throws {
        let memory = InMemoryPlugin()
        let settings = try SettingsFile.text(
            """
            client: test
            use: { outgoing: [memory, spare], incoming: memory }
            outgoing: { memory: {}, spare: { plugin: memory } }
            incoming: { memory: {} }
            """
        ).load(plugins: PluginRegistry([memory]), runningClient: "test")
        let made = try settings.instantiate(logger: Logger(label: "test"))
        #expect(made.outgoing["memory"] as? InMemoryTransport === memory.transport())
        #expect(made.outgoing["spare"] as? InMemoryTransport === memory.transport("spare"))
        #expect(made.incoming["memory"] as? InMemoryStore === memory.store())
        #expect(memory.transport() !== memory.transport("spare"))
    }

    @Test func `A setting that does not exist is refused`() throws {
        let file = SettingsFile.text(
            "client: test\nuse: { outgoing: memory }\noutgoing: { memory: { host: example.org } }"
        )
        let error = #expect(throws: SettingsError.self) {
            try file.load(plugins: PluginRegistry([.memory]), runningClient: "test")
        }
        #expect(error?.description == "settings:3:23: outgoing.memory: unknown key 'host'; there are no keys here")
    }
}
