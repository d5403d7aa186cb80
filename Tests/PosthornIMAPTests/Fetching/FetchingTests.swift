import Posthorn
import PosthornMailbox
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Fetching from folders of a server into a Maildir.
@Suite(.undisturbed) struct FetchingTests {
    private func withFetcher(
        _ configuration: IMAPServerConfiguration = .info(),
        folder: String? = nil,
        keeping: FetchPolicy.Keeping = .yes,
        _ body: (IMAPTestServer, MailFetcher, _ texts: () throws -> [String]) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let maildir = Maildir(directory.path + "/mail")
        try await maildir.create()
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server, limits(20_000))
            let fetcher = MailFetcher(
                store: store,
                account: FetchAccount("imap:info@localhost"),
                folder: folder,
                destination: maildir,
                stateDirectory: directory.path + "/state",
                policy: FetchPolicy(keepOnServer: keeping)
            )
            try await body(server, fetcher) { try fetchedTexts(directory.path).sorted() }
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    private static let news = "Subject: 4\r\n\r\nfourth\r\n"

    @Test func `What stays on the server comes once, and what is new comes`() async throws {
        try await withFetcher { server, fetcher, texts async throws in
            #expect(try await fetcher.run().fetched.count == 3)
            #expect(try await fetcher.run().fetched.isEmpty)
            server.deliver(IMAPServerMessage(text: Self.news), of: "info")
            server.expunge(uid: 2, of: "info")
            #expect(try await fetcher.run().fetched.count == 1)
            #expect(try texts() == (threeTexts + [Self.news]).sorted())
            #expect(server.inbox == [threeTexts[0], threeTexts[2], Self.news])
            // Fetching is not reading.
            #expect(server.mailbox(of: "info")?.messages.allSatisfy { $0.flags.isEmpty } == true)
        }
    }

    @Test(arguments: [true, false])
    func `What was fetched is deleted, and nothing else`(_ hasUIDPLUS: Bool) async throws {
        var configuration = hasUIDPLUS ? IMAPServerConfiguration.info() : .info().without(.uidPlus)
        configuration.mailboxes["info"]?.append(
            IMAPServerMailbox("Other", messages: [IMAPServerMessage(text: Self.news)])
        )
        try await withFetcher(configuration, keeping: .no) { server, fetcher, texts async throws in
            let report = try await fetcher.run()
            #expect(report.fetched.count == 3 && report.deleted == 3)
            #expect(server.inbox.isEmpty && server.mailbox("Other", of: "info")?.messages.count == 1)
            #expect(try texts() == threeTexts.sorted())
            #expect(try await fetcher.run().fetched.isEmpty)
        }
    }

    @Test func `Messages that were numbered anew do not come twice`() async throws {
        try await withFetcher { server, fetcher, texts async throws in
            _ = try await fetcher.run()
            server.changeUIDValidity(user: "info", firstUID: 2)
            #expect(try await fetcher.run().fetched.isEmpty)
            server.changeUIDValidity(user: "info")
            server.deliver(IMAPServerMessage(text: Self.news), of: "info")
            #expect(try await fetcher.run().fetched.count == 1)
            #expect(try await fetcher.run().fetched.isEmpty)
            #expect(try texts() == (threeTexts + [Self.news]).sorted())
        }
    }

    @Test func `A folder is fetched by its name`() async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.separator = "."
        configuration.mailboxes["info"]?.append(
            IMAPServerMailbox("Lists.Swift", messages: [IMAPServerMessage(text: Self.news)])
        )
        try await withFetcher(configuration, folder: "Lists/Swift", keeping: .no) {
            server,
            fetcher,
            texts async throws in
            #expect(try await fetcher.run().deleted == 1)
            #expect(try texts() == [Self.news])
            #expect(server.inbox == threeTexts && server.mailbox("Lists.Swift", of: "info")?.messages.isEmpty == true)
        }
        try await withFetcher(folder: "Nowhere") { _, fetcher, texts async throws in
            let error = await failure { try await fetcher.run() }
            #expect(error?.code == .notFound, "\(String(describing: error))")
            #expect(try texts().isEmpty)
        }
    }

    @Test func `Ten thousand messages come in one session, and go`() async throws {
        let texts = (0..<10_000).map { "Subject: \($0)\r\n\r\nbody \($0)\r\n" }
        try await IMAPTestServer.withServer(.info(texts)) { server in
            let store = try makeStore(server)
            var read: [String] = []
            try await store.readAndDelete { read.append($0) }
            #expect(read == texts)
            await store.close()
            #expect(server.inbox.isEmpty && server.violations.isEmpty)
        }
    }
}
