import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct FetchStateTests {
    private let account = FetchAccount("pop3:info@mail.example.org")

    private func open(_ directory: TemporaryDirectory) throws -> FetchState {
        var calls = JournalFile.Calls()
        calls.synchronize = { _ in 0 }
        return try FetchState(path: directory.path + "/records", account: account, identity: "place", calls: calls)
    }

    private func record(_ number: UInt64) -> FetchState.Record {
        let digest = ContentDigest((number, 2, 3, 4))
        return .init(key: KeyWords(name: number, content: number), digest: digest, fetched: 1_700, generation: 1)
    }

    private func bytes(_ directory: TemporaryDirectory) throws -> [UInt8] {
        Array(try Data(contentsOf: directory.file("records")))
    }

    @Test func `Records survive, with identifiers of any octets`() async throws {
        try await TemporaryDirectory.with { directory in
            let ids = [
                "", " ", "a b", "%", "%41", "line\nfeed\r", "é", "e\u{301}", "\u{0}",
                String(repeating: "ü", count: 2048),
            ]
            let state = try open(directory)
            state.begin(1)
            for (index, id) in ids.enumerated() { try state.intend(.id(IDText(id)), record(UInt64(index))) }
            state.adopt(.content(ContentDigest((1, 2, 3, .max)), 12), record(99))
            state.confirm()
            state.mark(.id(IDText("")), .missing(since: -5))
            state.mark(.id(IDText(" ")), .deleted)
            state.drop(.id(IDText("a b")))
            state.addHeld(KeyWords(name: 1, content: .max))
            state.end(2)
            try state.write()
            let again = try open(directory)
            #expect(again.records == state.records)
            #expect(again.records.count == ids.count)
            #expect(again.held == state.held)
            #expect(again.generation == 2)
            #expect(again.undecided.isEmpty)
        }
    }

    @Test func `A file that ends at any octet opens, and knows a beginning of what was written`() async throws {
        try await TemporaryDirectory.with { directory in
            let state = try open(directory)
            let headerEnd = try bytes(directory).count
            // What is known after each batch.
            var steps = [state.records]
            for batch in UInt64(0)..<4 {
                state.begin(batch * 2 + 1)
                for number in 0..<3 {
                    try state.intend(.id(IDText("\(batch) \(number)")), record(batch * 3 + UInt64(number)))
                }
                try state.write()
                steps.append(state.records)
                state.confirm()
                state.end(batch * 2 + 2)
                try state.write()
            }
            let whole = try bytes(directory)
            for length in 0...whole.count {
                try directory.write(Array(whole[..<length]), to: "records")
                guard length >= headerEnd else {
                    #expect(throws: MailError.self) { _ = try open(directory) }
                    continue
                }
                let cut = try open(directory)
                #expect(steps.contains { Set($0.keys).isSuperset(of: cut.records.keys) })
                for (name, record) in cut.records { #expect(state.records[name] == record) }
                // It goes on from there.
                cut.adopt(.id(IDText("new")), record(1_000))
                try cut.write()
                #expect(try open(directory).records == cut.records)
            }
        }
    }

    @Test func `A damaged line is an error that names the line, unless it is in the last batch`() async throws {
        try await TemporaryDirectory.with { directory in
            let state = try open(directory)
            for batch in UInt64(0)..<3 {
                state.begin(batch * 2 + 1)
                try state.intend(.id(IDText("\(batch)")), record(batch))
                state.confirm()
                state.end(batch * 2 + 2)
                try state.write()
            }
            let whole = try bytes(directory)
            let text = String(decoding: whole, as: UTF8.self)
            let lastBatch = try #require(text.range(of: "batch 3")).lowerBound
            // Without the line feed before it, the last batch is a part of the damaged line.
            let safe = text[..<lastBatch].utf8.count - 1
            for position in 0..<whole.count {
                var damaged = whole
                damaged[position] ^= 0x04
                try directory.write(damaged, to: "records")
                if position < safe {
                    let line = whole[..<position].count { $0 == 0x0A } + 1
                    #expect {
                        _ = try open(directory)
                    } throws: { error in
                        let text = "\(error)"
                        // A line feed that is gone makes one line of two.
                        return text.contains("line \(line) of the records in '\(directory.path)/records' is damaged")
                            || text.contains("has the format")
                    }
                } else {
                    let cut = try open(directory)
                    #expect(cut.generation < 6, "the marks show that something is missing")
                }
            }
        }
    }

    @Test func `Missing and repeated batches are errors`() async throws {
        try await TemporaryDirectory.with { directory in
            let state = try open(directory)
            for batch in UInt64(0)..<3 {
                state.adopt(.id(IDText("\(batch)")), record(batch))
                try state.write()
            }
            var lines = String(decoding: try bytes(directory), as: UTF8.self).split(separator: "\n").map(String.init)
            lines.removeSubrange(3...4)
            try directory.write(lines.map { $0 + "\n" }.joined(), to: "records")
            #expect(throws: MailError.self) { _ = try open(directory) }
        }
    }

    @Test func `Compaction keeps what lives and damage in it is an error`() async throws {
        try await TemporaryDirectory.with { directory in
            let state = try open(directory)
            for number in UInt64(0)..<40 { state.adopt(.id(IDText("\(number)")), record(number)) }
            for number in UInt64(0)..<30 { state.drop(.id(IDText("\(number)"))) }
            state.mark(.id(IDText("35")), .deleted)
            state.addHeld(KeyWords(name: 7, content: 8))
            state.end(12)
            try state.write()
            let before = try bytes(directory).count
            try state.compact(least: 10)
            #expect(try bytes(directory).count < before / 3)
            state.adopt(.id(IDText("later")), record(50))
            try state.write()
            let again = try open(directory)
            #expect(again.records == state.records)
            #expect(again.records.count == 11)
            #expect(again.held == state.held)
            #expect(again.generation == 12)

            var damaged = try bytes(directory)
            damaged[damaged.count / 2] ^= 1
            try directory.write(damaged, to: "records")
            #expect(throws: MailError.self) { _ = try open(directory) }
        }
    }

    @Test func `The records of another account or place, and of a later version, are refused`() async throws {
        try await TemporaryDirectory.with { directory in
            _ = try open(directory)
            let path = directory.path + "/records"
            #expect(throws: MailError.self) {
                _ = try FetchState(path: path, account: .init("other"), identity: "place")
            }
            #expect(throws: MailError.self) { _ = try FetchState(path: path, account: account, identity: "other") }
            var octets: [UInt8] = []
            StateLine.append(to: &octets) { $0.append(contentsOf: "posthorn-fetch-state 2 account:a place:b 0".utf8) }
            try directory.write(octets, to: "records")
            #expect {
                _ = try open(directory)
            } throws: {
                "\($0)".contains("format 2")
            }
        }
    }

    @Test func `Names that are too long are refused before a file is made`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path + "/records"
            let longest = FetchAccount(String(repeating: "\u{1}", count: FetchState.accountLimit))
            let place = String(repeating: " ", count: FetchState.identityLimit)
            _ = try FetchState(path: path, account: longest, identity: place)
            #expect(try FetchState(path: path, account: longest, identity: place).isNew)
            let longer = FetchAccount(longest.description + "x")
            #expect {
                _ = try FetchState(path: path + "2", account: longer, identity: place)
            } throws: {
                ($0 as? MailError)?.code == .misuse
            }
            #expect(!JournalFile.exists(path + "2"))
        }
    }

    @Test func `A second fetch of the account is told to wait`() async throws {
        try await TemporaryDirectory.with { directory in
            let lock = try FetchState.lock(directory: directory.path, account: account)
            #expect {
                _ = try FetchState.lock(directory: directory.path, account: account)
            } throws: { error in
                let error = error as? MailError
                return error?.code == .unavailable && error?.isRetryable == true
                    && error?.message.contains("is under way") == true
            }
            _ = try FetchState.lock(directory: directory.path, account: FetchAccount("another"))
            // As a program has it that is being started at this moment.
            let inherited = dup(lock.descriptor)
            defer { close(inherited) }
            lock.release()
            _ = try FetchState.lock(directory: directory.path, account: account)
        }
    }

    @Test func `Names of files say whose they are, and stay in the directory`() async throws {
        try await TemporaryDirectory.with { directory in
            for name in ["../../etc/passwd", "imap:a@b/INBOX", ".hidden", "", String(repeating: "x", count: 5_000)] {
                _ = try FetchState.lock(directory: directory.path + "/a/b", account: FetchAccount(name))
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/a/b")
            #expect(names.count == 5)
            #expect(names.contains { $0.hasPrefix("imap-a@b-INBOX-") && $0.hasSuffix(".lock") })
            #expect(!names.contains { $0.hasPrefix(".") })
        }
    }
}
