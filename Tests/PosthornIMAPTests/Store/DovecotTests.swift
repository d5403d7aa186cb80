import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// The store against a real Dovecot.
@Suite struct DovecotTests {
    @Test(arguments: ["tls", "starttls"])
    func `The store keeps the contract`(security: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mailbox = servers.mailbox(of: user)
        let (store, directory) = try makeStore(servers, user, security: security)
        var suite = StoreConformance(store) { _ = try mailbox.deliver($0) }
        suite.secrets = [user.password]
        suite.largeContentSize = 4 << 20
        try await suite.run()
        await store.close()
        directory.remove()
    }

    @Test(arguments: ["[UIDPLUS]", "[LITERAL+, LITERAL-]", "[IDLE, UNSELECT]", "[ENABLE, LIST-EXTENDED, SPECIAL-USE]"])
    func `The contract holds without extensions, too`(ignored: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mailbox = servers.mailbox(of: user)
        let (store, directory) = try makeStore(servers, user, "ignored-capabilities: \(ignored)")
        var suite = StoreConformance(store) { _ = try mailbox.deliver($0) }
        suite.largeContentSize = 1 << 20
        // Without IDLE the server is asked every 30 seconds.
        try await suite.run(StoreConformance.Rule.all.filter { ignored.contains("IDLE") ? $0 != .arrivals : true })
        await store.close()
        directory.remove()
    }

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
    func `Every mechanism signs in`(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser(password: "sécret 'with\" spaces\\")
        let (store, directory) = try makeStore(servers, user, "mechanisms: [\(mechanism)]")
        #expect(try await store.withSession { try await $0.messages().isEmpty })
        await store.close()
        directory.remove()
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"], [0, 3_000])
    func `A token signs in, long or short`(mechanism: String, padding: Int) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let token = try await servers.oauthToken(for: user, padding: padding)
        let plugin = IMAPPlugin(tokenProvider: { Secret(token) })
        let authority = try #require(servers.authority)
        let settings = "username: \(user.name), mechanisms: [\(mechanism)], tls: { trust: \(authority.path) }"
        let store = try makeStore(port: servers.imapsPort, settings, security: "tls", plugin: plugin)
        #expect(try await store.withSession { try await $0.messages().isEmpty })
        await store.close()
    }

    @Test func `A wrong password is told as such`() async throws {
        let servers = try await MailServers.shared()
        var user = try servers.addUser()
        user.password = "wrong-canary"
        let (store, directory) = try makeStore(servers, user)
        let error = await #expect(throws: MailError.self) { try await store.withSession { try await $0.messages() } }
        #expect(error?.code == .authenticationFailed)
        #expect(error?.description.contains("wrong-canary") == false)
        directory.remove()
    }

    @Test func `Folders with names in all scripts are listed, chosen and filled`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        try servers.mailbox(of: user).deliver(Array("Subject: x\r\n\r\ny\r\n".utf8))
        let (store, directory) = try makeStore(servers, user)
        let names = ["Aufträge", "日本語", "a&b", "Archive"]
        try await store.withSession { session in
            _ = try await session.messages()
            for name in names { try await session.createFolder(name) }
            try await session.createFolder("Archive/2026/November")
            let listed = try await session.folders()
            #expect(listed.first?.name == "INBOX")
            #expect(Set(listed.map(\.name)).isSuperset(of: names + ["Archive/2026/November"]))
            for folder in names {
                try await session.select(folder)
                let id = try await session.append(
                    .text("Subject: in \(folder)\r\n\r\nlone\nfeed\r\n"),
                    flags: [.flagged]
                )
                let messages = try await session.messages()
                #expect(messages.map(\.id) == [id])
                let name = try #require(id)
                let content = try await session.content(of: name).collect(upTo: 1_000)
                #expect(String(decoding: content, as: UTF8.self) == "Subject: in \(folder)\r\n\r\nlone\r\nfeed\r\n")
            }
        }
        await store.close()
        directory.remove()
    }

    @Test func `Deleting without UIDPLUS leaves alone what others have marked`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        for number in 0..<3 { try servers.mailbox(of: user).deliver(Array("Subject: \(number)\r\n\r\n".utf8)) }
        let (store, directory) = try makeStore(servers, user, "ignored-capabilities: [UIDPLUS]")
        let ids = try await store.withSession { session in
            let ids = try await session.messages().map(\.id)
            try await session.setFlags([.deleted], of: [ids[0]])
            try await session.delete([ids[1]])
            return ids
        }
        try await store.withSession { session in
            #expect(try await session.messages().map(\.id) == [ids[0], ids[2]])
            let flags = try await session.flags(of: ids)
            #expect(flags == [ids[0]: [.deleted], ids[2]: []])
        }
        await store.close()
        directory.remove()
    }

    @Test(arguments: ["[]", "[MOVE, ESEARCH]"])
    func `Messages are found, moved and copied`(ignored: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        for number in 0..<4 {
            try servers.mailbox(of: user).deliver(Array("Subject: nr \(number % 2)\r\n\r\nbody\r\n".utf8))
        }
        let (store, directory) = try makeStore(servers, user, "ignored-capabilities: \(ignored)")
        try await store.withSession { session in
            let ids = try await session.messages().map(\.id)
            let found = try await session.search(.subject("nr 1"))
            #expect(found == [ids[1], ids[3]])
            let none = try await session.search(.all(of: [.subject("nr 1"), .not(.all)]))
            #expect(none.isEmpty)
            try await session.createFolder("Done")
            let moved = try await session.move([ids[1]], to: "Done")
            #expect(moved?.count == 1)
            try await session.copy([ids[0]], to: "Done")
            let left = try await session.messages().map(\.id)
            #expect(left == [ids[0], ids[2], ids[3]])
            var subjects: [String?] = []
            try await session.fetch([.envelope], of: left) { _, message in subjects.append(message.envelope?.subject) }
            #expect(subjects == ["nr 0", "nr 0", "nr 1"])
            try await session.select("Done")
            let done = try await session.messages()
            #expect(done.count == 2)
            #expect(done.first?.id == moved?.first)
            let error = await #expect(throws: MailError.self) {
                _ = try await session.move(done.map(\.id), to: "Nowhere")
            }
            #expect(error?.code == .notFound)
            // What was thrown from the body leaves nothing behind for the next command.
            struct Stop: Error {}
            await #expect(throws: Stop.self) {
                try await session.fetch([.envelope], of: done.map(\.id)) { _, _ in throw Stop() }
            }
            let again = try await session.messages()
            #expect(again == done)
            // A folder that is gone is not the inbox.
            try await session.deleteFolder("Done")
            let lost = await #expect(throws: MailError.self) { _ = try await session.messages() }
            #expect(lost?.code == .misuse)
            try await session.select("inbox")
            let inbox = try await session.messages()
            #expect(inbox.count == 3)
        }
        await store.close()
        directory.remove()
    }

    @Test func `Thousands of messages come in one session`() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mailbox = servers.mailbox(of: user)
        // More than one command asks for; ten thousand are asked of the test server, which makes no files.
        let count = 2_500
        for number in 0..<count { try mailbox.deliver(Array("Subject: \(number)\r\n\r\nbody \(number)\r\n".utf8)) }
        let (store, directory) = try makeStore(servers, user)
        try await store.withSession { session in
            let ids = try await session.messages().map(\.id)
            #expect(ids.count == count)
            var bodies: [String] = []
            try await session.readEach(ids) { _, reader in
                var octets: [UInt8] = []
                while try await reader.read(into: &octets) {}
                bodies.append(String(decoding: octets, as: UTF8.self))
            }
            #expect(bodies == (0..<count).map { "Subject: \($0)\r\n\r\nbody \($0)\r\n" })
            try await session.delete(ids)
        }
        #expect(try mailbox.files().isEmpty)
        await store.close()
        directory.remove()
    }
}
