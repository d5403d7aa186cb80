import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite("The registry of plugins", .computing)
struct RegistryTests {
    @Test("It keeps the host's order and finds by identifier")
    func order() throws {
        let registry = try PluginRegistry([.memory])
        #expect(registry.plugins.map(\.identifier) == ["memory"])
        #expect(registry["memory"] != nil)
        #expect(registry["smtp"] == nil)
        #expect(registry.outgoing.count == 1)
        #expect(registry.incoming.count == 1)
    }

    @Test("Two plugins of one identifier are a mistake")
    func duplicate() {
        let error = #expect(throws: SettingsError.self) { try PluginRegistry([.memory, .memory]) }
        #expect(error?.description.contains("two plugins have the identifier 'memory'") == true)
    }
}
