import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Connections that a store keeps for the next session.
@Suite(.undisturbed) struct KeptConnectionTests {
    private func visit(_ store: IMAPStore) async throws {
        try await store.withSession { session in
            let ids = try await session.messages().map(\.id)
            #expect(try await session.read(ids).count == 3)
        }
    }

    @Test(arguments: [ServerSecurity.none, .implicitTLS])
    func `Sessions in turn use one connection, and close says goodbye`(_ security: ServerSecurity) async throws {
        try await IMAPTestServer.withServer(.info(threeTexts, security)) { server in
            let store = try makeStore(server)
            for _ in 0..<3 { try await visit(store) }
            #expect(server.connections.count == 1)
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.connections[0].commands.last == "LOGOUT")
            #expect(server.violations.isEmpty, "\(server.violations)")
            // A store may be used again.
            try await visit(store)
            await store.close()
            #expect(server.connections.count == 2)
        }
    }

    @Test func `Two sessions at once have two connections, and no more are kept than the settings say`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(server, "connections: 1")
            try await store.withSession { first in
                try await store.withSession { second in
                    let counts = (try await first.messages().count, try await second.messages().count)
                    #expect(counts == (3, 3))
                }
            }
            #expect(server.connections.count == 2)
            try await server.waitForCommands("LOGOUT")
            try await visit(store)
            #expect(server.connections.count == 2)
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `Without UNSELECT no connection is kept, and nothing is expunged`() async throws {
        try await IMAPTestServer.withServer(.info().without(.unselect)) { server in
            let store = try makeStore(server)
            server.setFlags(["\\Deleted"], uid: 1, of: "info")
            try await visit(store)
            try await visit(store)
            try await server.waitForDisconnects()
            #expect(server.connections.count == 2 && server.inbox == threeTexts)
            #expect(server.connections.allSatisfy { $0.commands.last == "LOGOUT" })
        }
    }

    @Test func `A kept connection that has died is not used`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(server)
            try await visit(store)
            await server.dropConnections()
            try await visit(store)
            #expect(server.connections.count == 2)
            await store.close()
        }
    }

    @Test func `A connection that was kept for too long is closed`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(server, "timeouts: { idle: 1 s }")
            let first = try await store.openSession()
            try await visit(store)
            await first.abandon()
            try await Task.sleep(for: .milliseconds(1_100))
            try await visit(store)
            try await eventually("both to be closed") {
                server.connections.prefix(2).allSatisfy(\.isClosed) ? true : nil
            }
            #expect(server.connections.count == 3)
            await store.close()
        }
    }

    @Test(arguments: [ServerEnding.close, .reset, .silence])
    func `A kept connection on which the server has said goodbye is not used`(_ ending: ServerEnding) async throws {
        let bye = IMAPServerFault.whenIdle(for: .seconds(2), saying: "* BYE too long", ending).onConnection(
            .first
        )
        try await IMAPTestServer.withServer(.info().with(bye)) { server in
            let store = try makeStore(server, limits(20_000))
            try await visit(store)
            try await eventually("the server to talk") { server.connections[0].faults.isEmpty ? nil : true }
            try await Task.sleep(for: .milliseconds(30))
            let (_, duration) = try await timed { try await visit(store) }
            #expect(server.connections.count == 2)
            #expect(duration < .seconds(5), "took \(duration)")
            await store.close()
        }
    }

    @Test(arguments: [
        IMAPServerFault.Act.end(.silence), .end(.close), .answer("{tag} NO no"), .answer("{tag} BAD no"), .retag("x"),
        .bye(), .endless(), .lose,
    ])
    func `A kept connection that does not answer as it should is not used`(_ act: IMAPServerFault.Act) async throws {
        try await IMAPTestServer.withServer(.info().with(.at(.noop, act))) { server in
            let store = try makeStore(server, limits(3_000))
            try await visit(store)
            let (_, duration) = try await timed { try await visit(store) }
            #expect(server.connections.count == 2)
            #expect(duration < .seconds(8), "took \(duration)")
            await store.close()
        }
    }

    @Test func `A connection on which a session failed is not kept`() async throws {
        try await IMAPTestServer.withServer(.info().with(.at(.fetch, .nth(2), .retag("x")).onConnection(.first))) {
            server in
            let store = try makeStore(server)
            let error = await failure { try await visit(store) }
            #expect(error?.code == .protocolViolation, "\(String(describing: error))")
            try await visit(store)
            #expect(server.connections.count == 2)
            await store.close()
        }
    }

    @Test func `A kept connection is a new session: another folder, nothing marked`() async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.mailboxes["info"]?.append(IMAPServerMailbox("Other"))
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            let session = try await store.openSession()
            try await session.delete(try await session.messages().map(\.id))
            try await session.select("Other")
            await session.abandon()
            try await visit(store)
            #expect(server.connections.count == 1 && server.inbox == threeTexts)
            await store.close()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }
}
