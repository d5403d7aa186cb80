import Foundation
import Posthorn
import PosthornMailbox
import PosthornTesting
import TestSupport
import Testing

@Suite struct FetchIntoMaildirTests {
    private func text(_ number: Int) -> String { "Subject: \(number)\r\n\r\nbody \(number)\r\n" }

    private func fetcher(
        _ store: InMemoryStore,
        _ place: TemporaryMaildir,
        _ keep: FetchPolicy.Keeping = .yes
    ) -> MailFetcher {
        MailFetcher(
            store: store,
            account: FetchAccount("memory:info"),
            destination: place.maildir,
            stateDirectory: place.directory.path + "/state",
            policy: FetchPolicy(keepOnServer: keep)
        )
    }

    @Test func `Messages come into a Maildir once, and are deleted from the server`() async throws {
        let store = InMemoryStore()
        let place = try await TemporaryMaildir()
        for number in 0..<300 { try store.deliver(text(number)) }
        #expect(try await fetcher(store, place).run().fetched.count == 300)
        for number in 300..<303 { try store.deliver(text(number)) }
        #expect(try await fetcher(store, place).run().fetched.count == 3)
        #expect(try await fetcher(store, place, .no).run().deleted == 303)
        #expect(Set(try place.files().values) == Set((0..<303).map(text)))
        #expect(try place.files().count == 303)
        #expect(store.messages().isEmpty)
    }

    @Test func `Lost records and a Maildir put back from a backup cost nothing`() async throws {
        let store = InMemoryStore()
        let place = try await TemporaryMaildir()
        let manager = FileManager.default
        for number in 0..<3 { try store.deliver(text(number)) }
        _ = try await fetcher(store, place).run()
        try manager.copyItem(atPath: place.path, toPath: place.path + ".backup")
        for number in 3..<6 { try store.deliver(text(number)) }
        _ = try await fetcher(store, place).run()

        try manager.removeItem(atPath: place.directory.path + "/state")
        let lost = try await fetcher(store, place).run()
        #expect(lost.fetched.isEmpty)
        #expect(lost.alreadyKnown == 6)

        try manager.removeItem(atPath: place.path)
        try manager.moveItem(atPath: place.path + ".backup", toPath: place.path)
        #expect(try await fetcher(store, place).run().fetched.count == 3)
        #expect(try place.files().values.sorted() == (0..<6).map(text))
    }
}
