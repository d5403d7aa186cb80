import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Deleting takes what was to be deleted and nothing else.
@Suite(.undisturbed) struct DeletionTests {
    @Test(arguments: [true, false]) func `What others have marked stays, and stays marked`(_ hasUIDPLUS: Bool)
        async throws
    {
        var configuration = IMAPServerConfiguration.info()
        if !hasUIDPLUS { configuration = configuration.without(.uidPlus) }
        configuration.mailboxes["info"]?[0].messages[2].flags = ["\\Deleted", "\\Seen"]
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            try await store.withSession { session in
                try await session.delete([try await session.messages()[0].id])
            }
            await store.close()
            let left = try #require(server.mailbox(of: "info")).messages
            #expect(left.map(\.text) == Array(threeTexts.dropFirst()))
            #expect(left[0].flags.isEmpty && Set(left[1].flags) == ["\\Deleted", "\\Seen"])
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test(arguments: [true, false]) func `What is gone already is no error`(_ hasUIDPLUS: Bool) async throws {
        let configuration = hasUIDPLUS ? IMAPServerConfiguration.info() : .info().without(.uidPlus)
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            try await store.withSession { session in
                let ids = try await session.messages().map(\.id)
                try await session.delete([ids[0], ids[1]])
                server.expunge(uid: 1, of: "info")
            }
            await store.close()
            #expect(server.inbox == [threeTexts[2]])
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test(arguments: [IMAPServerFault.Place.store, .expunge, .search])
    func `A refusal is told, and what the server refused is there`(_ place: IMAPServerFault.Place) async throws {
        for answer in [IMAPServerReply.no("[NOPERM] no"), .bad("what"), .no("[OVERQUOTA] full")] {
            let configuration = IMAPServerConfiguration.info().with(.at(place, .first, .answer(answer)))
            try await IMAPTestServer.withServer(place == .search ? configuration.without(.uidPlus) : configuration) {
                server in
                let error = await failure { try await makeStore(server).readAndDelete() }
                let codes: [MailError.Code] = [.refused, .protocolViolation, .storage]
                #expect(error.map { codes.contains($0.code) } == true, "\(String(describing: error))")
                #expect(server.inbox == threeTexts)
            }
        }
    }

    @Test(arguments: [IMAPServerFault.Place.store, .expunge], [ServerEnding.close, .reset, .silence])
    func `A connection that breaks at the end is told`(_ place: IMAPServerFault.Place, _ ending: ServerEnding)
        async throws
    {
        for isDone in [true, false] {
            let fault = IMAPServerFault.at(place, .first, .end(ending)).doing(isDone)
            try await IMAPTestServer.withServer(.info().with(fault)) { server in
                let error = await failure { try await makeStore(server, limits(3_000)).readAndDelete() }
                #expect(
                    error?.code == (ending == .silence ? .timedOut : .connectionLost),
                    "\(String(describing: error))"
                )
                #expect(error?.isRetryable == true)
                #expect(server.inbox == (isDone && place == .expunge ? [] : threeTexts))
            }
        }
    }

    @Test func `Marks of two folders are carried out in both`() async throws {
        var configuration = IMAPServerConfiguration.info()
        let others = threeTexts.map { IMAPServerMessage(text: $0) }
        configuration.mailboxes["info"]?.append(IMAPServerMailbox("Other", messages: others))
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            try await store.withSession { session in
                try await session.delete([try await session.messages()[0].id])
                try await session.select("Other")
                try await session.delete([try await session.messages()[2].id])
            }
            await store.close()
            #expect(server.inbox == Array(threeTexts.dropFirst()))
            #expect(server.mailbox("Other", of: "info")?.messages.map(\.text) == Array(threeTexts.dropLast()))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }
}
