import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MaildirDeliveryTests {
    private let account = FetchAccount("pop3:info@mail.example.org")

    @Test func `What is committed is listed in the order in which it was staged`() async throws {
        let place = try await TemporaryMaildir()
        let delivery = try await place.maildir.openDelivery(for: account)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let number = Int.random(in: 0..<1 << 60, using: &random)
            try await delivery.put("Subject: \(number)\r\n\r\n", as: .numbered(number))
        }
        #expect(try place.names("new").isEmpty)
        try await delivery.commit()
        #expect(try place.names("tmp").isEmpty)
        random = SeededGenerator(seed: 3)
        let wanted = (0..<200).map { _ in Int.random(in: 0..<1 << 60, using: &random) }
        try await place.maildir.withSession { session in
            let messages = try await session.messages()
            var found: [String] = []
            for message in messages {
                let octets = try await session.content(of: message.id).collect(upTo: 1000)
                #expect(message.size == UInt64(octets.count))
                found.append(String(decoding: octets, as: UTF8.self))
            }
            #expect(found == wanted.map { "Subject: \($0)\r\n\r\n" })
        }
    }

    @Test func `Keys are found wherever the messages were moved to`() async throws {
        let place = try await TemporaryMaildir()
        try await place.maildir.createFolder("Archive/2026")
        let delivery = try await place.maildir.openDelivery(for: account)
        for number in 0..<4 { try await delivery.put("Subject: x\r\n\r\n", as: .numbered(number)) }
        try await delivery.commit()
        let names = try place.names("new")
        let moves = ["cur/\(names[0]):2,FSa", ".Archive.2026/cur/\(names[1]),W=20:2,", ".Archive.2026/new/\(names[2])"]
        for (name, target) in zip(names, moves) {
            try FileManager.default.moveItem(atPath: "\(place.path)/new/\(name)", toPath: "\(place.path)/\(target)")
        }
        #expect(try await delivery.heldKeys() == Set((0..<4).map { FetchKey.numbered($0) }))
        let other = try await place.maildir.openDelivery(for: account)
        #expect(try await other.heldKeys().count == 4)
    }

    @Test func `A key that is staged twice is delivered once`() async throws {
        let place = try await TemporaryMaildir()
        let delivery = try await place.maildir.openDelivery(for: account)
        for _ in 0..<2 { try await delivery.put("Subject: x\r\n\r\n", as: .numbered(1)) }
        try await delivery.commit()
        try await delivery.put("Subject: x\r\n\r\n", as: .numbered(1))
        try await delivery.commit()
        #expect(try place.names("new").count == 1)
        #expect(try place.names("tmp").isEmpty)
    }

    @Test func `A mark stays, and one that is damaged is made anew`() async throws {
        let place = try await TemporaryMaildir()
        let delivery = try await place.maildir.openDelivery(for: account)
        var mark = try await delivery.mark()
        #expect(mark.generation == 0 && mark.identity.count > 20)
        mark.generation = .max
        mark.identity = "two\nlines ü"
        try await delivery.setMark(mark)
        #expect(try await place.maildir.openDelivery(for: account).mark() == mark)
        #expect(try await place.maildir.openDelivery(for: FetchAccount("other")).mark() != mark)
        let files = try FileManager.default.contentsOfDirectory(atPath: place.path).filter { $0.hasSuffix(".mark") }
        #expect(files.count == 2)
        for text in ["", "posthorn-mark 1\n1\n", "posthorn-mark 2\n1\nx", "posthorn-mark 1\n-1\nx", "\u{0}"] {
            for file in files { try Data(text.utf8).write(to: URL(filePath: "\(place.path)/\(file)")) }
            let fresh = try await delivery.mark()
            #expect(fresh.generation == 0 && fresh.identity != mark.identity)
            #expect(try await delivery.mark() == fresh)
        }
    }

    @Test func `Leftovers of the account go at once, others when they are old`() async throws {
        let place = try await TemporaryMaildir()
        let tag = String(decoding: try MaildirNaming.tag(of: account), as: UTF8.self)
        let old = Date(timeIntervalSinceNow: -37 * 3600)
        for (name, isOld) in [
            ("1.F\(tag)P1Q1.h", false), ("1.F00000000P1Q1.h", false), ("2.x.h", true), ("3.x.h", false),
        ] {
            try place.put("x", as: name, in: "tmp")
            guard isOld else { continue }
            var times = [timespec](repeating: timespec(tv_sec: Int(old.timeIntervalSince1970), tv_nsec: 0), count: 2)
            #expect(utimensat(AT_FDCWD, "\(place.path)/tmp/\(name)", &times, 0) == 0)
        }
        _ = try await place.maildir.openDelivery(for: account)
        #expect(try place.names("tmp") == ["1.F00000000P1Q1.h", "3.x.h"])
    }

    @Test func `What is not committed is not there, and nothing is left of it`() async throws {
        let place = try await TemporaryMaildir()
        do {
            let delivery = try await place.maildir.openDelivery(for: account)
            try await delivery.put("Subject: x\r\n\r\n", as: .numbered(1))
            try await delivery.begin()
            try await delivery.write(Array("half".utf8))
            await #expect(throws: MailError.self) { try await delivery.begin() }
            await delivery.discard()
            await delivery.discard()
            await #expect(throws: MailError.self) { try await delivery.stage(as: .numbered(2)) }
            await #expect(throws: MailError.self) { try await delivery.write([1]) }
            try await delivery.begin()
            try await delivery.write(Array("half".utf8))
            #expect(try place.names("tmp").count == 2)
        }
        #expect(try place.names("tmp").isEmpty)
        #expect(try place.names("new").isEmpty)
    }

    @Test func `A large message passes in pieces`() async throws {
        let place = try await TemporaryMaildir()
        let delivery = try await place.maildir.openDelivery(for: account)
        try await delivery.begin()
        var whole: [UInt8] = []
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let piece = [UInt8](
                repeating: UInt8.random(in: 0...255, using: &random),
                count: Int.random(in: 0...200_000, using: &random)
            )
            whole += piece
            try await delivery.write(piece)
        }
        try await delivery.stage(as: .numbered(1))
        try await delivery.commit()
        let name = try #require(try place.names("new").first)
        #expect(Array(try Data(contentsOf: URL(filePath: "\(place.path)/new/\(name)"))) == whole)
        #expect(name.hasSuffix(",S=\(whole.count)"))
    }
}
