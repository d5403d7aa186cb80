import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// A server that numbers its messages anew: a name from before is that of no message any more.
@Suite(.undisturbed) struct UIDValidityTests {
    @Test func `Between two sessions, names from before are not found`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(server)
            let old = try await store.withSession { try await $0.messages().map(\.id) }
            server.changeUIDValidity(user: "info")
            try await store.withSession { session in
                let new = try await session.messages().map(\.id)
                #expect(new.count == 3 && Set(new).isDisjoint(with: old))
                #expect(try await session.read(old).isEmpty)
                let calls: [() async throws -> Void] = [
                    { _ = try await session.content(of: old[0]) }, { try await session.delete([old[0]]) },
                    { try await session.setFlags([.seen], of: [old[0]]) },
                    { _ = try await session.copy([old[0]], to: "INBOX") },
                ]
                for call in calls {
                    let error = await failure(of: call)
                    #expect(error?.code == .notFound, "\(String(describing: error))")
                }
                #expect(try await session.flags(of: old).isEmpty)
            }
            await store.close()
            #expect(server.inbox == threeTexts && server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `In the middle of a session the server ends it, and nothing is deleted`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(server)
            let error = await failure {
                try await store.withSession { session in
                    let ids = try await session.messages().map(\.id)
                    try await session.delete([ids[0]])
                    server.changeUIDValidity(user: "info")
                    _ = try await session.read(ids)
                }
            }
            #expect(error?.isRetryable == true, "\(String(describing: error))")
            #expect(server.inbox == threeTexts)
            await store.close()
        }
    }

    @Test(arguments: [IMAPServerFault.Place.fetch, .store, .expunge])
    func `A server that tells it without ending the session is left`(_ place: IMAPServerFault.Place) async throws {
        let act = IMAPServerFault.Act.precede("* OK [UIDVALIDITY 8] new")
        let turn: ServerTurn = place == .fetch ? .nth(2) : .first
        try await IMAPTestServer.withServer(.info().with(.at(place, turn, act).doing(false))) { server in
            let store = try makeStore(server)
            var texts: [String] = []
            let error = await failure { try await store.readAndDelete { texts.append($0) } }
            #expect(error?.code == .unavailable && error?.isRetryable == true, "\(String(describing: error))")
            #expect(server.inbox == threeTexts && (place == .fetch ? texts.isEmpty : texts == threeTexts))
        }
    }

    @Test func `What was marked in a folder that was numbered anew meanwhile stays`() async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.mailboxes["info"]?.append(IMAPServerMailbox("Other"))
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            let error = await failure {
                try await store.withSession { session in
                    try await session.delete([try await session.messages()[0].id])
                    try await session.select("Other")
                    server.changeUIDValidity(user: "info")
                }
            }
            #expect(error?.code == .notFound, "\(String(describing: error))")
            #expect(server.inbox == threeTexts)
            await store.close()
        }
    }

    @Test func `A folder without UIDVALIDITY is not worked with`() async throws {
        let answer = IMAPServerReply("* 3 EXISTS\n* FLAGS ()\n{tag} OK [READ-WRITE] done")
        try await IMAPTestServer.withServer(.info().with(.at(.select, .answer(answer)))) { server in
            let error = await failure { try await makeStore(server).readAndDelete() }
            #expect(error?.code == .protocolViolation, "\(String(describing: error))")
            #expect(server.inbox == threeTexts)
        }
    }
}
