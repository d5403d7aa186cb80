import Foundation
import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornMailbox

/// Places and records that were put back to an earlier state, each apart from the other.
@Suite struct RestoredBackupTests {
    private func text(_ number: Int) -> String { "Subject: \(number)\r\n\r\nbody \(number)" }

    private func deliver(_ range: Range<Int>, _ world: FetchingWorld) throws {
        for number in range { try world.store.base.deliver(text(number)) }
    }

    @Test func `What a restored place lacks is fetched again, but not what its owner removed before`() async throws {
        let world = try FetchingWorld()
        try deliver(0..<3, world)
        _ = try await world.fetcher().run()
        world.place.change { $0.entries.removeAll { $0.text == text(1) } }
        let backup = world.place.current
        try deliver(3..<6, world)
        _ = try await world.fetcher().run()

        world.place.current = backup
        let report = try await world.fetcher().run()
        #expect(report.fetched.count == 3)
        #expect(world.place.texts == [0, 2, 3, 4, 5].map(text))
        #expect(try await world.fetcher().run().fetched.isEmpty)
    }

    @Test func `A copy of the place from the middle of a round counts as older`() async throws {
        let world = try FetchingWorld()
        try deliver(0..<6, world)
        // The clock of faults tells when the second batch is in.
        var copy: MemoryPlace.State?
        var step = 1
        while copy == nil {
            let other = try FetchingWorld()
            try deliver(0..<6, other)
            other.clock.arm(step)
            _ = try? await other.fetcher().run()
            if other.place.texts.count == 3 { copy = other.place.current }
            step += 1
        }
        _ = try await world.fetcher().run()
        world.place.current = try #require(copy)
        #expect(try await world.fetcher().run().fetched.count == 3)
        #expect(world.place.texts.sorted() == (0..<6).map(text))
    }

    @Test func `Restored or lost records take over what the place holds, without reading it again`() async throws {
        for isLost in [true, false] {
            let world = try FetchingWorld()
            try deliver(0..<3, world)
            _ = try await world.fetcher().run()
            let path = try #require(try world.records().first)
            let backup = try Data(contentsOf: URL(filePath: path))
            try deliver(3..<6, world)
            _ = try await world.fetcher().run()

            if isLost {
                try FileManager.default.removeItem(atPath: path)
            } else {
                try backup.write(to: URL(filePath: path))
            }
            try deliver(6..<7, world)
            let before = world.store.reads.load(ordering: .relaxed)
            // The first attempt does not even get a list.
            world.store.base.setOpeningError(MailError(.connectionFailed, "no connection"))
            _ = try? await world.fetcher().run()
            world.store.base.setOpeningError(nil)
            let report = try await world.fetcher().run()
            #expect(report.fetched.count == 1)
            #expect(report.alreadyKnown == 6)
            #expect(world.store.reads.load(ordering: .relaxed) == before + 1)
            #expect(world.place.texts == (0..<7).map(text))
            // They are deleted as others are.
            #expect(try await world.fetcher(FetchPolicy(keepOnServer: .no)).run().deleted == 7)
        }
    }

    @Test func `Lost records of messages without lasting names are found by content`() async throws {
        let world = try FetchingWorld()
        world.store.habits.isIDLasting = false
        try deliver(0..<3, world)
        _ = try await world.fetcher().run()
        try FileManager.default.removeItem(atPath: try #require(try world.records().first))
        #expect(try await world.fetcher().run().fetched.isEmpty)
        #expect(world.place.texts == (0..<3).map(text))
    }

    @Test func `Records whose last batch is damaged cost nothing`() async throws {
        let world = try FetchingWorld()
        try deliver(0..<4, world)
        _ = try await world.fetcher().run()
        let path = try #require(try world.records().first)
        let whole = Array(try Data(contentsOf: URL(filePath: path)))
        let feed = try #require(whole.firstIndex(of: 0x0A))
        for length in (feed + 1)...whole.count {
            try Data(whole[..<length]).write(to: URL(filePath: path))
            #expect(try await world.fetcher().run().fetched.isEmpty, "cut after \(length)")
        }
        #expect(world.place.texts == (0..<4).map(text))
    }

    @Test func `Another place gets records of its own`() async throws {
        let world = try FetchingWorld()
        try deliver(0..<2, world)
        _ = try await world.fetcher().run()
        world.place.current = MemoryPlace.State(mark: FetchMark(identity: "place-2", generation: 0))
        #expect(try await world.fetcher().run().fetched.count == 2)
        #expect(try world.records().count == 2)
    }
}
