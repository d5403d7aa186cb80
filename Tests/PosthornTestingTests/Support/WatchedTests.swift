import TestSupport
import Testing

@testable import PosthornTesting

@Suite(.computing) struct WatchedTests {
    @Test func `Those who wait are woken when their condition holds, and only then`() async throws {
        let number = Watched(0)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for goal in 1...20 {
                group.addTask {
                    try await number.wait { $0 >= goal }
                    #expect(number.current >= goal)
                    return goal
                }
            }
            for _ in 1...20 {
                await Task.yield()
                number.change { $0 += 1 }
            }
            var ended: Set<Int> = []
            for try await goal in group { ended.insert(goal) }
            #expect(ended == Set(1...20))
        }
    }

    @Test func `Cancelling ends the wait at any moment`() async {
        for round in 0..<200 {
            let never = Watched(0)
            let task = Task { try await never.wait { _ in false } }
            for _ in 0..<(round % 5) { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `A condition that holds already needs no wait, and a time that passes is told`() async throws {
        let number = Watched(7)
        #expect(try await number.wait(until: { $0 == 7 }, timeout: .seconds(60)))
        #expect(try await !number.wait(until: { $0 == 8 }, timeout: .milliseconds(5)))
    }

    @Test func `Octets are found and compared`() {
        let text = Array("abcabd".utf8)
        #expect(Octets.position(of: Array("abd".utf8), in: text) == 3)
        #expect(Octets.position(of: Array("abe".utf8), in: text) == nil)
        #expect(Octets.position(of: [], in: text) == nil && Octets.position(of: text + text, in: text) == nil)
        #expect(Octets.match(text, from: 3, Array("abd".utf8)) && !Octets.match(text, from: 4, Array("abd".utf8)))
        #expect(Octets.match(text, from: 6, []) && !Octets.match(text, from: -1, []))
    }
}
