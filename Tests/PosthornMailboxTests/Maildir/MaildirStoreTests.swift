import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MaildirStoreTests {
    @Test func `A message is found again after another program moved and flagged it`() async throws {
        let place = try await TemporaryMaildir()
        try place.put("Subject: x\n\nbody\n", as: "1000.M1P1.h")
        try await place.maildir.withSession { session in
            let id = try #require(try await session.messages().first).id
            let content = try await session.content(of: id)
            for name in ["1000.M1P1.h:2,", "1000.M1P1.h:2,S", "1000.M1P1.h:2,FS"] {
                let old = try #require(try place.files().keys.first)
                let from = try place.names("new").isEmpty ? "cur" : "new"
                try FileManager.default.moveItem(
                    atPath: "\(place.path)/\(from)/\(old)",
                    toPath: "\(place.path)/cur/\(name)"
                )
                #expect(try await content.collect(upTo: 100) == Array("Subject: x\n\nbody\n".utf8))
            }
            #expect(try await session.flags(of: [id]) == [id: [.seen, .flagged]])
            try await session.changeFlags(of: [id], adding: [.answered], removing: [.seen])
            #expect(try place.names("cur") == ["1000.M1P1.h:2,FR"])
            try FileManager.default.removeItem(atPath: "\(place.path)/cur/1000.M1P1.h:2,FR")
            await #expect(throws: MailError.self) { try await content.collect(upTo: 100) }
        }
    }

    @Test func `A message is read to its end although it is renamed and removed meanwhile`() async throws {
        let place = try await TemporaryMaildir()
        let text = "Subject: x\n\n" + String(repeating: "0123456789\n", count: 100_000)
        try place.put(text, as: "1000.M1P1.h")
        try await place.maildir.withSession { session in
            let id = try #require(try await session.messages().first).id
            var reader = try await session.content(of: id).makeReader()
            var octets: [UInt8] = []
            #expect(try await reader.read(into: &octets))
            try FileManager.default.removeItem(atPath: "\(place.path)/new/1000.M1P1.h")
            while try await reader.read(into: &octets) {}
            #expect(octets == Array(text.utf8))
        }
    }

    @Test func `Letters of other programs stay, and reading changes no flag`() async throws {
        let place = try await TemporaryMaildir()
        try place.put("Subject: x\n\n", as: "1000.M1P1.h:2,Fac", in: "cur")
        try place.put("Subject: y\n\n", as: "1001.M1P1.h")
        try await place.maildir.withSession { session in
            let ids = try await session.messages().map(\.id)
            for id in ids { _ = try await session.content(of: id).collect(upTo: 100) }
            #expect(try place.names("new") == ["1001.M1P1.h"])
            try await session.setFlags([.seen], of: ids)
        }
        #expect(try place.names("cur") == ["1000.M1P1.h:2,Sac", "1001.M1P1.h:2,S"])
        #expect(try place.names("new") == [])
    }

    @Test func `Hidden files, directories and links are no messages`() async throws {
        let place = try await TemporaryMaildir()
        try place.put("Subject: x\n\n", as: "1000.M1P1.h")
        try place.put("", as: ".hidden")
        try FileManager.default.createDirectory(
            atPath: "\(place.path)/new/1001.dir.h",
            withIntermediateDirectories: false
        )
        try FileManager.default.createSymbolicLink(
            atPath: "\(place.path)/new/1002.link.h",
            withDestinationPath: "/etc/passwd"
        )
        #expect(try await place.listing() == ["1000.M1P1.h"])
        try await place.maildir.withSession { session in
            let error = await #expect(throws: MailError.self) {
                try await session.content(of: StoredMessage.ID("1002.link.h"))
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test func `Messages are listed by the time in their names`() async throws {
        let place = try await TemporaryMaildir()
        for name in ["20.M3P1.h", "3.M9P1.h", "20.M20P1.h,S=12", "oddly named", "20.M100P1.h"] {
            try place.put("Subject: \n\n", as: name)
        }
        #expect(
            try await place.listing() == ["oddly named", "3.M9P1.h", "20.M3P1.h", "20.M20P1.h,S=12", "20.M100P1.h"]
        )
    }

    @Test func `Folders have names of all scripts, and what is no folder is not listed`() async throws {
        let place = try await TemporaryMaildir()
        for name in ["Entwürfe", "A&B/日本", "Archive/2026/03"] { try await place.maildir.createFolder(name) }
        #expect(FileManager.default.fileExists(atPath: "\(place.path)/.Entw&APw-rfe/cur"))
        #expect(FileManager.default.fileExists(atPath: "\(place.path)/.A&-B.&ZeVnLA-/maildirfolder"))
        try FileManager.default.createDirectory(atPath: "\(place.path)/.git", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: "\(place.path)/.Link", withDestinationPath: "/")
        try await place.maildir.withSession { session in
            let folders = try await session.folders()
            #expect(
                folders.map(\.name)
                    == ["INBOX", "A&B", "A&B/日本", "Archive", "Archive/2026", "Archive/2026/03", "Entwürfe"]
            )
            #expect(folders.filter { !$0.isSelectable }.map(\.name) == ["A&B", "Archive", "Archive/2026"])
            try await session.select("A&B/日本")
            let id = try #require(try await session.append(.text("Subject: x\r\n\r\n"), flags: [.flagged]))
            #expect(try await session.messages().map(\.id) == [id])
            try await session.delete([id])
            try await session.select("INBOX")
            #expect(try await session.messages().isEmpty)
        }
        #expect(try await place.listing("A&B/日本") == [])
        for name in ["", "a//b", "../x", "a.b", "x\u{0}y", "a/", String(repeating: "x", count: 300)] {
            let error = await #expect(throws: MailError.self) { try await place.maildir.createFolder(name) }
            #expect(error?.code == .misuse, "\(name)")
        }
    }

    @Test func `What is no Maildir is not found, and a path that cannot be made is an error`() async throws {
        let directory = try TemporaryDirectory()
        for path in [directory.path, "\(directory.path)/missing", "", "a\u{0}b"] {
            let error = await #expect(throws: MailError.self) { try await Maildir(path).openSession() }
            #expect(error?.code == .notFound, "\(path)")
        }
        let error = await #expect(throws: MailError.self) { try await Maildir("\(directory.path)/a/b").create() }
        #expect(error?.code == .storage)
        #expect("\(try #require(error))".contains("\(directory.path)/a"))
    }

    @Test func `A new Maildir is for its owner alone`() async throws {
        let place = try await TemporaryMaildir()
        try await place.maildir.withSession { _ = try await $0.append(.text("Subject: x\r\n\r\n"), flags: []) }
        for path in ["", "/tmp", "/new", "/cur"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: place.path + path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
        let file = try #require(try place.names("new").first)
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(place.path)/new/\(file)")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `A header longer than 1 MiB is too large, and one that is as long is read`() async throws {
        let place = try await TemporaryMaildir()
        let field = "X-Long: " + String(repeating: "x", count: (1 << 20) - 8 - 3) + "\n\n"
        for (text, isFit) in [(field + "\n", true), ("x" + field, true), ("xxx" + field, false)] {
            try place.put(text, as: "1.M1P1.h")
            try await place.maildir.withSession { session in
                let id = try #require(try await session.messages().first).id
                var error: MailError?
                do {
                    try await session.readHeaders(of: [id], bodyLines: 0) { #expect($1.count <= 1 << 20) }
                } catch let thrown as MailError {
                    error = thrown
                }
                #expect(error?.code == (isFit ? nil : .tooLarge))
            }
        }
    }
}
