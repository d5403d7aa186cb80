import Foundation
import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MailFetcherTests {
    private func texts(_ range: Range<Int>) -> [String] { range.map { "Subject: \($0)\r\n\r\nbody \($0)" } }

    private func deliver(_ texts: [String], _ world: FetchingWorld) throws {
        for text in texts { try world.store.base.deliver(text) }
    }

    @Test func `What is new comes once, in order`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<5), world)
        let first = try await world.fetcher().run()
        #expect(world.place.texts == texts(0..<5))
        #expect(first.fetched.map(\.key) == world.place.current.entries.map(\.key))
        #expect(first.fetched.map(\.octets) == texts(0..<5).map { UInt64($0.utf8.count) })
        #expect(first.octets == first.fetched.reduce(0) { $0 + $1.octets })
        #expect(world.place.current.commits == 3)
        try deliver(texts(5..<7), world)
        let second = try await world.fetcher().run()
        #expect(world.place.texts == texts(0..<7))
        #expect(second.alreadyKnown == 5)
        #expect(second.fetched.count == 2)
        let third = try await world.fetcher().run()
        #expect(third.fetched.isEmpty)
        #expect(third.alreadyKnown == 7)
        #expect(world.place.current.questions == 1, "only the very first round asks what the place holds")
    }

    @Test func `Messages are deleted when their days are over, and not before`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<2), world)
        let policy = FetchPolicy(keepOnServer: .days(14))
        _ = try await world.fetcher(policy).run()
        world.now += 14 * 86_400 - 1
        try deliver(texts(2..<3), world)
        #expect(try await world.fetcher(policy).run().deleted == 0)
        world.now += 1
        #expect(try await world.fetcher(policy).run().deleted == 2)
        #expect(world.store.base.messages().count == 1)
        #expect(world.place.texts == texts(0..<3))
        #expect(FetchPolicy.Keeping.days(14).description == "14 days")
    }

    @Test func `A server that cannot delete is fetched from, and it is reported`() async throws {
        let world = try FetchingWorld()
        world.store.habits.canDelete = false
        try deliver(texts(0..<2), world)
        let report = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        #expect(report.isDeletionMissing)
        #expect(report.fetched.count == 2)
        #expect(report.deleted == 0)
    }

    @Test func `Limits of a round leave the rest waiting`() async throws {
        for isIDLasting in [true, false] {
            let world = try FetchingWorld()
            world.store.habits.isIDLasting = isIDLasting
            try deliver(texts(0..<5), world)
            let byCount = FetchPolicy(keepOnServer: .yes, maximumMessages: 2)
            #expect(try await world.fetcher(byCount).run().waiting == 3)
            #expect(try await world.fetcher(byCount).run().fetched.count == 2)
            #expect(world.place.texts == texts(0..<4))
            try deliver(texts(5..<9), world)
            let size = UInt64(texts(0..<1)[0].utf8.count)
            let bySize = FetchPolicy(keepOnServer: .yes, maximumOctets: size * 2)
            #expect(try await world.fetcher(bySize).run().fetched.count == 2)
            let least = FetchPolicy(keepOnServer: .yes, maximumOctets: 1)
            #expect(try await world.fetcher(least).run().waiting == 2)
            #expect(world.place.texts == texts(0..<7))
        }
    }

    @Test func `Messages that cannot be read do not use up the limit of a round`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<5), world)
        world.store.habits.failures = [
            "memory-1": MailError(.refused, "not this one"), "memory-2": MailError(.notFound, "gone"),
        ]
        let policy = FetchPolicy(keepOnServer: .yes, maximumMessages: 1)
        let report = try await world.fetcher(policy).run()
        #expect(report.fetched.count == 1)
        #expect(world.place.texts == texts(2..<3))
        #expect(report.skipped.count == 2)
        #expect(report.waiting == 2)
    }

    @Test func `A deleted message that one list lacks and the next has again does not come twice`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<2), world)
        let policy = FetchPolicy(keepOnServer: .no)
        // A copy of the server that lags behind: it confirms, lists nothing, and then everything as before.
        world.store.habits.forgetsDeletions = true
        #expect(try await world.fetcher(policy).run().deleted == 2)
        world.store.habits.listsNothing = true
        #expect(try await world.fetcher(policy).run().fetched.isEmpty)
        world.store.habits.listsNothing = false
        let report = try await world.fetcher(policy).run()
        #expect(report.fetched.isEmpty)
        #expect(world.place.texts == texts(0..<2))
    }

    @Test func `Large messages stay on the server, also when it tells no size`() async throws {
        for tellsSizes in [true, false] {
            let world = try FetchingWorld()
            world.store.habits.tellsSizes = tellsSizes
            try deliver(texts(0..<1) + [String(repeating: "x", count: 3_000)] + texts(1..<2), world)
            let report = try await world.fetcher(FetchPolicy(keepOnServer: .no, maximumMessageSize: 1_000)).run()
            #expect(world.place.texts == texts(0..<2))
            #expect(report.skipped.map(\.reason) == [.tooLarge])
            #expect(report.skipped.first?.size == 3_000)
            #expect(world.store.base.messages().count == 1)
        }
    }

    @Test func `Messages that have vanished or are refused are reported, and the others come`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<4), world)
        world.store.habits.failures = [
            "memory-1": MailError(.notFound, "gone"), "memory-3": MailError(.refused, "not this one"),
        ]
        let report = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        #expect(report.skipped.map(\.reason) == [.vanished, .refused])
        #expect(report.skipped.last?.error?.message == "not this one")
        #expect(world.place.texts == [1, 3].map { texts(0..<4)[$0] })
        #expect(report.deleted == 2)
        world.store.habits.failures = [:]
        _ = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        #expect(Set(world.place.texts) == Set(texts(0..<4)))
    }

    @Test func `Names that change do not make messages new`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<4), world)
        _ = try await world.fetcher().run()
        world.store.habits.name = { _, name in "new-\(name)" }
        try deliver(texts(4..<5), world)
        let report = try await world.fetcher().run()
        #expect(report.fetched.count == 1)
        #expect(report.alreadyKnown == 4)
        #expect(world.place.texts == texts(0..<5))
        let before = world.store.reads.load(ordering: .relaxed)
        #expect(try await world.fetcher().run().fetched.isEmpty)
        #expect(world.store.reads.load(ordering: .relaxed) == before, "the new names are recorded")
        // Names that do not last any more, and names that last again.
        world.store.habits.isIDLasting = false
        world.store.habits.name = { index, _ in "\(index)" }
        #expect(try await world.fetcher().run().fetched.isEmpty)
        world.store.habits.isIDLasting = true
        world.store.habits.name = { _, name in "third-\(name)" }
        #expect(try await world.fetcher().run().fetched.isEmpty)
        #expect(world.place.texts == texts(0..<5))
    }

    @Test func `A name that is used again for another message does not hide it`() async throws {
        let world = try FetchingWorld()
        world.store.habits.name = { index, _ in "\(index)" }
        try deliver(texts(0..<2), world)
        _ = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        try deliver(texts(2..<4), world)
        #expect(try await world.fetcher(FetchPolicy(keepOnServer: .no)).run().fetched.count == 2)
        #expect(world.place.texts == texts(0..<4))
        #expect(Set(world.place.current.entries.map(\.key)).count == 4)
    }

    @Test func `Messages that the server says it deleted and lists again do not come twice`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<3), world)
        world.store.habits.forgetsDeletions = true
        #expect(try await world.fetcher(FetchPolicy(keepOnServer: .no)).run().deleted == 3)
        #expect(try await world.fetcher(FetchPolicy(keepOnServer: .no)).run().fetched.isEmpty)
        world.store.habits.forgetsDeletions = false
        #expect(try await world.fetcher(FetchPolicy(keepOnServer: .no)).run().deleted == 3)
        #expect(world.place.texts == texts(0..<3))
    }

    @Test func `An empty list that was a mistake does not make everything come again`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<3), world)
        _ = try await world.fetcher().run()
        world.store.habits.listsNothing = true
        _ = try await world.fetcher().run()
        world.store.habits.listsNothing = false
        let report = try await world.fetcher().run()
        #expect(report.fetched.isEmpty)
        #expect(report.alreadyKnown == 3)
        let before = world.store.reads.load(ordering: .relaxed)
        _ = try await world.fetcher().run()
        #expect(world.store.reads.load(ordering: .relaxed) == before)
    }

    @Test func `Records of messages that are long gone are forgotten`() async throws {
        let world = try FetchingWorld()
        let id = try world.store.base.deliver("Subject: a\r\n\r\n")
        _ = try await world.fetcher().run()
        world.store.base.remove(id)
        _ = try await world.fetcher().run()
        world.now += 31 * 86_400
        _ = try await world.fetcher().run()
        let path = try #require(try world.records().first)
        let state = try FetchState(path: path, account: .init("pop3:info@mail.example.org"), identity: "place-1")
        #expect(state.records.isEmpty)
    }

    @Test func `A name that is listed twice is read, and nothing of it deleted`() async throws {
        let world = try FetchingWorld()
        world.store.habits.name = { index, name in index < 2 ? "same" : name }
        try deliver(texts(0..<3), world)
        let report = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        // The store gives the second of the two for both.
        #expect(world.place.texts == texts(1..<3))
        #expect(report.deleted == 1)
        world.store.habits.name = { _, name in name }
        _ = try await world.fetcher(FetchPolicy(keepOnServer: .no)).run()
        #expect(Set(world.place.texts) == Set(texts(0..<3)))
        #expect(world.place.texts.count == 3)
    }

    @Test func `Equal messages without lasting names come as often as there are`() async throws {
        let world = try FetchingWorld()
        world.store.habits.isIDLasting = false
        world.store.habits.name = { index, _ in "\(index + 1)" }
        try deliver(["a\r\n", "a\r\n", "b\r\n"], world)
        _ = try await world.fetcher().run()
        #expect(world.place.texts == ["a\r\n", "a\r\n", "b\r\n"])
        try deliver(["a\r\n"], world)
        #expect(try await world.fetcher().run().fetched.count == 1)
        #expect(world.place.texts.count == 4)
        #expect(try await world.fetcher(FetchPolicy(keepOnServer: .no)).run().deleted == 4)
    }

    @Test func `A folder has records of its own, and a store without folders is told`() async throws {
        let world = try FetchingWorld()
        try world.store.base.deliver("a\r\n", to: "Work")
        try world.store.base.deliver("b\r\n")
        #expect(try await world.fetcher(folder: "Work").run().fetched.count == 1)
        #expect(world.place.texts == ["a\r\n"])
        #expect(try await world.fetcher().run().fetched.count == 1)
        #expect(try world.records().count == 2)
        await #expect {
            _ = try await world.fetcher(folder: "None").run()
        } throws: {
            ($0 as? MailError)?.code == .notFound
        }
    }

    @Test func `What is staged does not wait for long, nor for a large message`() async throws {
        for (age, large, commits) in [(Duration.zero, 100, 4), (.seconds(3_600), 100, 1), (.seconds(3_600), 300, 2)] {
            let world = try FetchingWorld()
            try deliver(texts(0..<3) + [String(repeating: "x", count: large)], world)
            var fetcher = world.fetcher(batch: 100)
            fetcher.limits.age = age
            fetcher.limits.octets = 200
            #expect(try await fetcher.run().fetched.count == 4)
            #expect(world.place.current.commits == commits)
        }
    }

    @MainActor @Test func `The main thread is not used, even if it calls`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<3), world)
        _ = try await world.fetcher().run()
        #expect(world.place.texts.count == 3)
        #expect(!world.place.current.usedMainThread)
    }

    @Test func `Progress tells how far it has come`() async throws {
        let world = try FetchingWorld()
        try deliver(texts(0..<3), world)
        let updates = Mutex<[FetchProgress.Update]>([])
        _ = try await world.fetcher().run(progress: FetchProgress { update in updates.withLock { $0.append(update) } })
        let seen = updates.withLock { $0 }
        #expect(seen.first?.kind == .listed)
        #expect(seen.first?.totalMessages == 3)
        #expect(seen.first?.totalOctets == seen.last?.octets)
        #expect(seen.count { $0.kind == .began } == 3)
        #expect(seen.count { $0.kind == .ended } == 3)
        #expect(seen.last?.committed == 3)
    }
}
