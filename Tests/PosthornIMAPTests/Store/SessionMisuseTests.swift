import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Programs that use a session as it must not be used get `misuse`, and never another message.
@Suite(.undisturbed) struct SessionMisuseTests {
    private func withSession(
        _ configuration: IMAPServerConfiguration = .info(),
        _ body: (IMAPSession, [StoredMessage.ID]) async throws -> Void
    ) async throws {
        try await IMAPTestServer.withServer(configuration) { server in
            let before = server.inbox
            let store = try makeStore(server, limits(20_000))
            try await store.withSession { session in
                try await body(session, try await session.messages().map(\.id))
            }
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty && server.inbox == before, "\(server.violations)")
        }
    }

    @Test(arguments: [true, false])
    func `A session that has ended can do nothing more, although its connection is kept`(
        _ isCommitted: Bool
    ) async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(server)
            let session = try await store.openSession()
            let ids = try await session.messages().map(\.id)
            let content = try await session.content(of: ids[0])
            if isCommitted { try await session.commit() } else { await session.abandon() }
            // The next one has the same connection.
            let next = try await store.openSession()
            #expect(try await next.messages().map(\.id) == ids)
            let calls: [(String, () async throws -> Void)] = [
                ("messages", { _ = try await session.messages() }),
                ("content", { _ = try await session.content(of: ids[0]) }),
                ("reader", { _ = try await content.makeReader() }),
                ("delete", { try await session.delete(ids) }),
                ("readEach", { _ = try await session.read(ids) }),
                ("headers", { try await session.readHeaders(of: ids, bodyLines: 0) { _, _ in } }),
                ("select", { try await session.select("INBOX") }),
                ("append", { _ = try await session.append(.text("A: b\r\n\r\n"), flags: []) }),
                ("arrivals", { try await session.waitForArrivals() }),
                ("commit", { try await session.commit() }),
            ]
            for (name, call) in calls {
                let error = await failure("\(name)", of: call)
                #expect(error?.code == .misuse, "\(name): \(String(describing: error))")
            }
            await session.abandon()
            #expect(try await next.read(ids).count == 3)
            await next.abandon()
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.connections.count == 1 && server.inbox == threeTexts && server.violations.isEmpty)
        }
    }

    @Test func `A content of one folder is not read from another`() async throws {
        var configuration = IMAPServerConfiguration.info()
        let same = IMAPServerMailbox(
            "Other",
            uidValidity: 7,
            messages: [IMAPServerMessage(text: "Subject: other\r\n\r\n")]
        )
        configuration.mailboxes["info"]?.append(same)
        try await withSession(configuration) { session, ids in
            let content = try await session.content(of: ids[0])
            try await session.select("Other")
            let error = await failure { try await content.makeReader() }
            #expect(error?.code == .misuse, "\(String(describing: error))")
            try await session.select("INBOX")
            // Even back in its folder: the list is another one.
            #expect(await failure { try await content.makeReader() }?.code == .misuse)
            #expect(try await session.read(ids).count == 3)
        }
    }

    @Test func `A session cannot be used inside of readEach, and goes on behind it`() async throws {
        try await withSession { session, ids in
            let content = try await session.content(of: ids[2])
            var count = 0
            try await session.readEach(ids) { _, reader in
                count += 1
                let calls: [() async throws -> Void] = [
                    { _ = try await session.messages() }, { _ = try await session.content(of: ids[0]) },
                    { _ = try await content.makeReader() },
                    { try await session.delete(ids) }, { _ = try await session.read(ids) },
                    { try await session.commit() },
                ]
                for call in calls {
                    let error = await failure(of: call)
                    #expect(error?.code == .misuse, "\(String(describing: error))")
                }
                var octets: [UInt8] = []
                while try await reader.read(into: &octets) {}
                #expect(String(decoding: octets, as: UTF8.self) == threeTexts[count - 1])
            }
            #expect(count == 3)
            #expect(try await session.read(ids).count == 3)
        }
    }

    @Test func `Two tasks at once are told, and the one that was first gets what it wants`() async throws {
        let slow = IMAPServerFault.at(.fetch, .nth(2), .delay(.seconds(1)))
        try await IMAPTestServer.withServer(.info().with(slow)) { server in
            try await makeStore(server).withSession { session in
                let ids = try await session.messages().map(\.id)
                let content = try await session.content(of: ids[0])
                let other = try await session.content(of: ids[1])
                async let first = content.makeReader()
                try await server.waitForCommands("UID FETCH", count: 2)
                let error = await failure { try await other.makeReader() }
                #expect(error?.code == .misuse, "\(String(describing: error))")
                var reader = try await first
                var octets: [UInt8] = []
                while try await reader.read(into: &octets) {}
                #expect(String(decoding: octets, as: UTF8.self) == threeTexts[0])
            }
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `A reader that is kept beyond its time is told, and never takes another's octets`() async throws {
        let texts = (1...3).map { "Subject: \($0)\r\n\r\n" + String(repeating: "\($0)\r\n", count: 100_000) }
        try await withSession(.info(texts)) { session, ids in
            var kept: (any ContentReader)?
            try await session.readEach(Array(ids.prefix(2))) { _, reader in
                if kept == nil { kept = reader }
            }
            var octets: [UInt8] = []
            let late = await failure { try await kept?.read(into: &octets) }
            #expect(late?.code == .misuse && octets.isEmpty, "\(String(describing: late))")

            var first = try await session.content(of: ids[0]).makeReader()
            #expect(try await first.read(into: &octets))
            var second = try await session.content(of: ids[1]).makeReader()
            let count = octets.count
            let error = await failure { try await first.read(into: &octets) }
            #expect(error?.code == .misuse && octets.count == count, "\(String(describing: error))")
            octets = []
            while try await second.read(into: &octets) {}
            #expect(String(decoding: octets, as: UTF8.self) == texts[1])
            // At the end it stays at the end.
            #expect(try await second.read(into: &octets) == false)
        }
    }

    struct Stop: Error {}

    @Test func `A body that gives up early leaves a session that can be used`() async throws {
        let texts = (1...3).map { "Subject: \($0)\r\n\r\n" + String(repeating: "\($0)\r\n", count: 100_000) }
        try await withSession(.info(texts)) { session, ids in
            await #expect(throws: Stop.self) {
                try await session.readEach(ids) { _, reader in
                    var octets: [UInt8] = []
                    _ = try await reader.read(into: &octets)
                    throw Stop()
                }
            }
            #expect(try await session.read(ids).count == 3)
            // What is not read at all is passed over.
            try await session.readEach(ids) { _, _ in }
            #expect(try await session.read([ids[2]])[ids[2]] == texts[2])
        }
    }

    @Test func `Names that there are not do not keep the others from being read`() async throws {
        try await withSession { session, ids in
            let unknown = StoredMessage.ID("not there")
            let known = try await session.read([unknown, ids[0], unknown, ids[2], unknown])
            #expect(known.count == 2)
            let error = await failure { try await session.delete([ids[0], unknown]) }
            #expect(error?.code == .notFound, "\(String(describing: error))")
            let none = try await session.read([])
            let twice = try await session.read([ids[1], ids[1]])
            #expect(none.isEmpty && twice.count == 1)
        }
    }
}
