import Foundation
import Posthorn
import Synchronization
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MaildirCrashTests {
    private static let account = FetchAccount("pop3:info@mail.example.org")
    private static let batches = [0..<5, 5..<8, 8..<9]

    /// A message that shows when something of it is missing.
    private static func text(_ number: Int) -> String {
        "Subject: \(number)\r\n\r\n" + String(repeating: "line of \(number)\r\n", count: number * 3)
            + "end of \(number)\r\n"
    }

    /// Delivers in three rounds and gives the keys of the rounds that were committed.
    private func deliver(_ delivery: any FetchDelivery, skipping held: Set<FetchKey> = []) async -> Set<FetchKey> {
        var committed: Set<FetchKey> = []
        for batch in Self.batches {
            let keys = batch.map { FetchKey.numbered($0) }.filter { !held.contains($0) }
            do {
                for number in batch where !held.contains(.numbered(number)) {
                    try await delivery.put(Self.text(number), as: .numbered(number))
                }
                try await delivery.commit()
                committed.formUnion(keys)
            } catch {
                return committed
            }
        }
        return committed
    }

    private func checkComplete(_ place: TemporaryMaildir, _ what: String) throws {
        for (name, text) in try place.files() {
            let key = try #require(MaildirNaming.key(in: name.utf8.map { CChar(bitPattern: $0) } + [0]))
            let number = try #require(Int(key.description, radix: 16))
            #expect(text == Self.text(number), "\(what): a message in place is not complete")
        }
    }

    @Test(arguments: [DyingCalls.Ending.death, .deathWithinMove])
    func `Whenever the process dies, no message is partial, lost or doubled`(ending: DyingCalls.Ending) async throws {
        var turn = 1
        while true {
            let dying = DyingCalls(turn: turn, ending)
            let place = try await TemporaryMaildir(calls: dying.calls)
            var committed: Set<FetchKey> = []
            if let delivery = try? await place.maildir.openDelivery(for: Self.account) {
                committed = await deliver(delivery)
            }
            try checkComplete(place, "call \(turn)")
            let again = try await Maildir(place.path).openDelivery(for: Self.account)
            #expect(try place.names("tmp").isEmpty, "call \(turn)")
            let held = try await again.heldKeys()
            #expect(committed.isSubset(of: held), "call \(turn)")
            _ = await deliver(again, skipping: held)
            let files = try place.files()
            #expect(files.count == 9, "call \(turn)")
            #expect(try await again.heldKeys().count == 9, "call \(turn)")
            try checkComplete(place, "call \(turn), delivered again")
            if dying.total < turn { break }
            turn += 1
        }
        #expect(turn > 35)
    }

    @Test func `Every call that fails is an error of storage, leaves nothing partial, and what follows works`()
        async throws
    {
        let numbers = [ENOSPC, EDQUOT, EIO, EROFS, EACCES]
        var (turn, failed) = (1, 0)
        while true {
            let number = numbers[turn % numbers.count]
            let dying = DyingCalls(turn: turn, .failure(number))
            let place = try await TemporaryMaildir(calls: dying.calls)
            let delivery = try await place.maildir.openDelivery(for: Self.account)
            var errors: [any Error] = []
            for batch in Self.batches {
                do {
                    for number in batch { try await delivery.put(Self.text(number), as: .numbered(number)) }
                    try await delivery.commit()
                } catch {
                    errors.append(error)
                    await delivery.discard()
                }
            }
            try checkComplete(place, "call \(turn)")
            for error in errors {
                let error = try #require(error as? MailError)
                #expect(error.code == .storage)
                #expect(error.message.contains(place.path), "\(error)")
                #expect(error.message.contains(String(cString: strerror(number))), "\(error)")
            }
            // The rest, by the keys that are held. Asking for them brings what is there to the disk, which may be the call
            // that fails.
            let held: Set<FetchKey>
            do {
                held = try await delivery.heldKeys()
            } catch {
                #expect((error as? MailError)?.code == .storage)
                errors.append(error)
                held = try await delivery.heldKeys()
            }
            _ = await deliver(delivery, skipping: held)
            #expect(try place.files().count == 9, "call \(turn)")
            #expect(try place.names("tmp").isEmpty, "call \(turn)")
            if dying.total < turn { break }
            // A file that cannot be created is tried once more, in case that descriptors were wanting.
            #expect(errors.count <= 1, "call \(turn)")
            failed += errors.count
            turn += 1
        }
        #expect(failed > 25)
    }

    @Test func `Files are on the disk before they are moved, and the directory before the commit returns`() async throws
    {
        let watching = DyingCalls(turn: .max, .death)
        let place = try await TemporaryMaildir(calls: watching.calls)
        let delivery = try await place.maildir.openDelivery(for: Self.account)
        for number in 0..<200 { try await delivery.put(Self.text(number % 50), as: .numbered(number)) }
        try await delivery.commit()
        let events = watching.events.withLock { $0 }
        var unsafe: Set<CInt> = []
        var moves = 0
        for event in events {
            switch event {
            case .write(let file), .create(let file): unsafe.insert(file)
            case .synchronize(let file): unsafe.remove(file)
            case .move:
                moves += 1
                #expect(unsafe.isEmpty)
            default: break
            }
        }
        #expect(moves == 200)
        guard case .synchronize = try #require(events.last) else {
            Issue.record("the last call is \(String(describing: events.last)), not that of the directory")
            return
        }
        // One creation, one write, one way to the disk and one move for each; one way to the disk for all.
        #expect(events.count == 200 * 4 + 1)
    }

    @Test func `Messages that are lost before their commit make the commit fail`() async throws {
        // The 64th message brings those before it to the disk, after 64 creations and writes.
        let dying = DyingCalls(turn: 64 * 2 + 10, .failure(EIO))
        let place = try await TemporaryMaildir(calls: dying.calls)
        let delivery = try await place.maildir.openDelivery(for: Self.account)
        var failures = 0
        for number in 0..<70 {
            do {
                try await delivery.put(Self.text(9), as: .numbered(number))
            } catch {
                failures += 1
            }
        }
        #expect(failures == 1)
        let error = await #expect(throws: MailError.self) { try await delivery.commit() }
        #expect(error?.code == .storage)
        #expect(try place.names("new").isEmpty)
        #expect(try place.names("tmp").isEmpty)
        try await delivery.put(Self.text(9), as: .numbered(1))
        try await delivery.commit()
        #expect(try place.names("new").count == 1)
    }

    @Test func `An appended message is complete or not there, whenever the process dies`() async throws {
        for (flags, part) in [([], "new"), ([.seen], "cur")] as [(Set<MessageFlag>, String)] {
            var turn = 1
            while true {
                let dying = DyingCalls(turn: turn, .death)
                let place = try await TemporaryMaildir(calls: dying.calls)
                let id = try? await place.maildir.withSession {
                    try await $0.append(.text(Self.text(9)), flags: flags)
                }
                #expect(try place.files().values.allSatisfy { $0 == Self.text(9) })
                if id != nil { #expect(try place.names(part).count == 1) }
                if dying.total < turn { break }
                #expect(id == nil)
                turn += 1
            }
            #expect(turn > 4)
        }
    }

    @Test func `An appended message is not there if appending failed, whatever failed`() async throws {
        for flags in [[], [.seen]] as [Set<MessageFlag>] {
            var turn = 1
            while true {
                let dying = DyingCalls(turn: turn, .failure(EIO))
                let place = try await TemporaryMaildir(calls: dying.calls)
                let id = try? await place.maildir.withSession {
                    try await $0.append(.text(Self.text(9)), flags: flags)
                }
                if dying.total < turn { break }
                #expect(id == nil, "call \(turn)")
                #expect(try place.files().isEmpty, "call \(turn)")
                #expect(try place.names("tmp").isEmpty, "call \(turn)")
                turn += 1
            }
            #expect(turn == 6)
        }
    }

    @Test func `A full disk is an error of storage, and what was committed before is there`() async throws {
        let disk = try await SmallDisk.mount(kibibytes: 512)
        defer { disk.unmount() }
        let maildir = Maildir("\(disk.path)/Maildir")
        let delivery = try await maildir.openDelivery(for: Self.account)
        let body = [UInt8](repeating: 0x78, count: 20_000)
        var committed = 0
        var failure: MailError?
        while failure == nil, committed < 1000 {
            do {
                try await delivery.begin()
                try await delivery.write(body)
                try await delivery.stage(as: .numbered(committed))
                try await delivery.commit()
                committed += 1
            } catch let error as MailError {
                failure = error
            }
        }
        #expect(failure?.code == .storage)
        #expect(try #require(failure).message.contains("make room"), "\(String(describing: failure))")
        #expect(committed > 3)
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(maildir.path)/new")
        #expect(files.count == committed)
        for file in files {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(maildir.path)/new/\(file)")
            #expect(attributes[.size] as? Int == body.count)
        }
        await delivery.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(maildir.path)/tmp").isEmpty)
        let appended = await #expect(throws: MailError.self) {
            try await maildir.withSession {
                _ = try await $0.append(.bytes([UInt8](repeating: 0x78, count: 600_000)), flags: [])
            }
        }
        #expect(appended?.code == .storage)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(maildir.path)/tmp").isEmpty)
        // Room again.
        try await maildir.withSession { session in
            try await session.delete(Array(try await session.messages().map(\.id).prefix(2)))
        }
        try await delivery.put("Subject: x\r\n\r\n", as: .numbered(5000))
        try await delivery.commit()
        #expect(try await delivery.heldKeys().count == committed - 2 + 1)
    }
}
