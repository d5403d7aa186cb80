import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornMailbox

/// Rounds that die at each of their steps, and the rounds after them: nothing lost, nothing doubled.
@Suite struct FetchFaultTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var keep: FetchPolicy.Keeping
        var isIDLasting: Bool
        var losesPower: Bool
        var testDescription: String {
            "keep \(keep), \(isIDLasting ? "lasting names" : "no names"), \(losesPower ? "power cut" : "kill")"
        }
    }

    static let cases = [FetchPolicy.Keeping.no, .yes, .days(1)].flatMap { keep in
        [true, false].flatMap { isIDLasting in
            [true, false].map { Case(keep: keep, isIDLasting: isIDLasting, losesPower: $0) }
        }
    }

    @Test(arguments: cases)
    func `A round that dies at any step loses nothing and doubles nothing`(_ example: Case) async throws {
        var generator = SeededGenerator(seed: 7)
        var step = 1
        while true {
            let world = try FetchingWorld()
            var expected = try prepare(world, example)
            let policy = FetchPolicy(keepOnServer: example.keep)
            // One round that works, so that the records are not empty.
            _ = try await world.fetcher(policy).run()
            for number in 10..<15 {
                try world.store.base.deliver("Subject: \(number)\r\n\r\nbody")
                expected.append("Subject: \(number)\r\n\r\nbody")
            }
            world.now += 86_400

            world.clock.arm(step)
            let outcome = await attempt(world, policy)
            let hasStruck = world.clock.hasStruck
            if hasStruck {
                #expect(outcome == nil, "step \(step) failed and nobody noticed")
                if example.losesPower { try world.cutPower(&generator) }
            }
            check(world, expected, "after step \(step)")
            // A second one that dies somewhere while it repairs.
            world.clock.arm(.random(in: 1...25, using: &generator))
            _ = await attempt(world, policy)
            if example.losesPower, world.clock.hasStruck { try world.cutPower(&generator) }
            check(world, expected, "after repairing step \(step)")

            world.clock.arm(nil)
            _ = try await world.fetcher(policy).run()
            let texts = world.place.texts
            #expect(texts.sorted() == expected.sorted(), "step \(step)")
            world.now += 86_400
            let last = try await world.fetcher(policy).run()
            #expect(last.fetched.isEmpty, "step \(step)")
            #expect(world.store.base.messages().isEmpty == (example.keep != .yes), "step \(step)")
            if !hasStruck { break }
            step += 1
        }
        #expect(step > 40)
    }

    @Test func `Fifty deaths in a row, with mail coming in between, lose and double nothing`() async throws {
        for seed in UInt64(1)...8 {
            var generator = SeededGenerator(seed: seed)
            let world = try FetchingWorld()
            var expected: [String] = []
            for round in 0..<50 {
                for number in 0..<Int.random(in: 0...3, using: &generator) {
                    expected.append("Subject: \(round) \(number)\r\n\r\n")
                    try world.store.base.deliver(expected.last ?? "")
                }
                world.now += 3_600
                world.clock.arm(.random(in: 1...60, using: &generator))
                _ = await attempt(world, FetchPolicy(keepOnServer: .days(1)))
                if world.clock.hasStruck, Bool.random(using: &generator) { try world.cutPower(&generator) }
                check(world, expected, "seed \(seed), round \(round)")
            }
            world.clock.arm(nil)
            _ = try await world.fetcher().run()
            #expect(world.place.texts.sorted() == expected.sorted(), "seed \(seed)")
        }
    }

    @Test
    func `A full disk keeps what was committed, deletes nothing, and the next round deletes without reading again`()
        async throws
    {
        let world = try FetchingWorld()
        for number in 0..<5 { try world.store.base.deliver("Subject: \(number)\r\n\r\n") }
        try world.store.base.deliver("Subject: large\r\n\r\n" + String(repeating: "x", count: 5_000))
        world.place.change { $0.room = 1_000 }
        await #expect {
            _ = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        } throws: {
            ($0 as? MailError)?.code == .storage
        }
        #expect(world.place.texts.count == 5)
        #expect(world.store.base.messages().count == 6)

        world.place.change { $0.room = .max }
        let readBefore = world.store.reads.load(ordering: .relaxed)
        let report = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        #expect(report.fetched.count == 1)
        #expect(report.alreadyKnown == 5)
        #expect(report.deleted == 6)
        #expect(world.store.reads.load(ordering: .relaxed) == readBefore + 1)
        #expect(world.place.current.questions == 1, "a round that ended in order asks nothing afterwards")
        #expect(world.store.base.messages().isEmpty)
    }

    @Test func `A cancelled round keeps what is complete and deletes nothing`() async throws {
        let world = try FetchingWorld()
        for number in 0..<6 { try world.store.base.deliver("Subject: \(number)\r\n\r\n") }
        let fetcher = world.fetcher(FetchPolicy(keepOnServer: .no), batch: 100)
        let task = Task {
            try await fetcher.run(
                progress: FetchProgress { update in
                    if update.messages == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            )
        }
        let result = await task.result
        #expect(throws: MailError.self) { try result.get() }
        if case .failure(let error as MailError) = result { #expect(error.code == .cancelled) }
        #expect(world.store.base.messages().count == 6)
        _ = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        #expect(world.place.texts == (0..<6).map { "Subject: \($0)\r\n\r\n" })
        #expect(world.store.base.messages().isEmpty)
    }

    private func prepare(_ world: FetchingWorld, _ example: Case) throws -> [String] {
        if !example.isIDLasting {
            world.store.habits.isIDLasting = false
            world.store.habits.name = { index, _ in "\(index + 1)" }
        }
        // Two of them are equal, and two messages all the same.
        var texts = ["a", "b", "same", "same"].map { "Subject: \($0)\r\n\r\nbody" }
        // With names, equal contents are told apart by them; both ways both have to come.
        texts.append("Subject: e\r\n\r\n")
        for text in texts { try world.store.base.deliver(text) }
        return texts
    }

    private func attempt(_ world: FetchingWorld, _ policy: FetchPolicy) async -> FetchReport? {
        try? await world.fetcher(policy).run()
    }

    /// Every message is in the place or on the server, and none twice in the place.
    private func check(_ world: FetchingWorld, _ expected: [String], _ when: String) {
        let keys = world.place.current.entries.map(\.key)
        #expect(Set(keys).count == keys.count, "doubled \(when)")
        var left = world.store.base.messages().map { String(decoding: $0.bytes, as: UTF8.self) }
        let placed = Set(world.place.texts)
        left.removeAll { placed.contains($0) }
        #expect(placed.union(left) == Set(expected), "lost \(when)")
    }
}
