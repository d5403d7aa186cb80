import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite(.undisturbed) struct StoreConformanceTests {
    @Test func `The store in memory keeps the contract`() async throws {
        let store = InMemoryStore()
        try await StoreConformance(store) { try store.deliver($0) }.run()
    }

    @Test func `A store with other messages and folders keeps the contract`() async throws {
        let store = InMemoryStore()
        for number in 0..<20 { try store.deliver("Subject: \(number)\r\n\r\n") }
        try store.deliver("Subject: elsewhere\r\n\r\n", to: "Archive/2026")
        try await StoreConformance(store) { try store.deliver($0) }.run()
    }

    @Test func `A store that can do nothing but list and read keeps the contract`() async throws {
        let store = InMemoryStore()
        let plain = BrokenStore(memory: store, defect: .none)
        try await StoreConformance(plain) { try store.deliver($0) }.run()
    }

    @Test(arguments: StoreDefect.allCases.filter { $0 != .none })
    func `A broken store is caught by its rule`(defect: StoreDefect) async throws {
        let memory = InMemoryStore()
        var suite = StoreConformance(BrokenStore(memory: memory, defect: defect)) { try memory.deliver($0) }
        suite.promptness = .milliseconds(500)
        let broken = suite
        for rule in defect.rules {
            let error = await #expect(throws: ConformanceFailure.self, "\(rule)") { try await broken.run([rule]) }
            #expect(error?.rules == [rule.name])
        }
    }

    @Test func `Every rule has a broken store that it catches`() {
        let caught = Set(StoreDefect.allCases.flatMap(\.rules))
        #expect(StoreConformance.Rule.all.filter { !caught.contains($0) } == [])
    }
}
