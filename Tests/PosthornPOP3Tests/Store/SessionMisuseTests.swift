import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// Programs that use a session as it must not be used get `misuse`, and lose nothing.
@Suite(.undisturbed) struct SessionMisuseTests {
    private func withSession(
        _ configuration: POP3ServerConfiguration = .info(threeTexts),
        _ body: (POP3Session, [StoredMessage.ID]) async throws -> Void
    ) async throws {
        try await POP3TestServer.withServer(configuration) { server in
            try await makeStore(server, limits(20_000)).withSession { session in
                try await body(session, try await session.messages().map(\.id))
            }
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty && server.maildrop("info").count == 3, "\(server.violations)")
        }
    }

    @Test(arguments: [true, false])
    func `A session that has ended can do nothing more`(_ isCommitted: Bool) async throws {
        try await POP3TestServer.withServer(.info(threeTexts)) { server in
            let session = try await makeStore(server).openSession()
            let ids = try await session.messages().map(\.id)
            let content = try await session.content(of: ids[0])
            if isCommitted { try await session.commit() } else { await session.abandon() }
            let calls: [(String, () async throws -> Void)] = [
                ("messages", { _ = try await session.messages() }),
                ("content", { _ = try await session.content(of: ids[0]) }),
                ("reader", { _ = try await content.makeReader() }),
                ("delete", { try await session.delete(ids) }),
                ("readEach", { _ = try await session.read(ids) }),
                ("headers", { try await session.readHeaders(of: ids, bodyLines: 0) { _, _ in } }),
                ("commit", { try await session.commit() }),
            ]
            for (name, call) in calls {
                let error = await failure("\(name)", of: call)
                #expect(error?.code == .misuse, "\(name): \(String(describing: error))")
            }
            await session.abandon()
            try await server.waitForDisconnects()
            #expect(server.connections[0].commands.filter { $0 == "QUIT" }.count == 1)
            #expect(server.maildrop("info").count == 3 && server.violations.isEmpty)
        }
    }

    @Test func `A session cannot be used inside of readEach, and goes on behind it`() async throws {
        try await withSession { session, ids in
            var count = 0
            let earlier = try await session.content(of: ids[0])
            try await session.readEach(ids) { _, reader in
                count += 1
                let calls: [() async throws -> Void] = [
                    { _ = try await earlier.makeReader() },
                    { _ = try await session.messages() }, { _ = try await session.content(of: ids[0]) },
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
        let slow = POP3ServerFault.at(.retr, .first, .delay(.seconds(1)))
        try await POP3TestServer.withServer(.info(threeTexts).with(slow)) { server in
            try await makeStore(server).withSession { session in
                let ids = try await session.messages().map(\.id)
                let content = try await session.content(of: ids[0])
                let other = try await session.content(of: ids[1])
                async let first = content.makeReader()
                try await eventually("the first task to have begun") {
                    server.connections[0].commands.contains("RETR 1") ? true : nil
                }
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

    @Test func `A body that gives up early leaves a session that can be used`() async throws {
        let texts = (1...3).map { "Subject: \($0)\r\n\r\n" + String(repeating: "\($0)\r\n", count: 100_000) }
        try await withSession(.info(texts)) { session, ids in
            await #expect(throws: DeletionTests.Stop.self) {
                try await session.readEach(ids) { _, reader in
                    var octets: [UInt8] = []
                    _ = try await reader.read(into: &octets)
                    throw DeletionTests.Stop()
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
            let known = try await session.read([unknown, ids[0], unknown, ids[2]])
            #expect(known.count == 2)
            let error = await failure { try await session.delete([ids[0], unknown]) }
            #expect(error?.code == .notFound, "\(String(describing: error))")
            let none = try await session.read([])
            let twice = try await session.read([ids[1], ids[1]])
            #expect(none.isEmpty && twice.count == 1)
        }
    }
}
