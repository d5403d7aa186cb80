import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite(.computing) struct InMemoryStoreTests {
    @Test func `Deletions of two sessions do not get in each other's way`() async throws {
        let store = InMemoryStore()
        let names = try (0..<3).map { try store.deliver("Subject: \($0)\r\n\r\n") }
        try await store.withSession { outer in
            try await outer.delete([names[0]])
            try await store.withSession { inner in
                #expect(try await inner.messages().map(\.id) == names)
                try await inner.delete([names[0], names[2]])
            }
            #expect(try await outer.messages().map(\.id) == [names[1]])
        }
        #expect(store.messages().map(\.id) == [names[1]])
    }

    @Test func `Folders are chosen by their names`() async throws {
        let store = InMemoryStore()
        store.createFolder("Empty")
        let name = try store.deliver("Subject: old\r\n\r\n", to: "Archive/2026")
        try await store.withSession { session in
            #expect(try await session.folders().map(\.name) == ["INBOX", "Archive/2026", "Empty"])
            #expect(try await session.messages().isEmpty)
            try await session.select("Archive/2026")
            #expect(try await session.messages() == [StoredMessage(id: name, size: 16)])
            try await session.setFlags([.seen], of: [name])
        }
        #expect(store.messages(in: "Archive/2026").first?.flags == [.seen])
    }

    @Test func `The quota is kept`() async throws {
        let store = InMemoryStore(quotaLimit: 20)
        try store.deliver([UInt8](repeating: 65, count: 15))
        let error = #expect(throws: MailError.self) { try store.deliver([UInt8](repeating: 65, count: 6)) }
        #expect(error?.code == .storage)
        try await store.withSession { session in
            #expect(try await session.quota() == StoreQuota(used: 15, limit: 20))
            await #expect(throws: MailError.self) {
                try await session.append(.bytes([UInt8](repeating: 1, count: 6)), flags: [])
            }
            _ = try await session.append(.bytes([1, 2, 3, 4, 5]), flags: [.draft])
        }
        #expect(store.messages().count == 2)
    }

    @Test func `A content cannot be read after its session`() async throws {
        let store = InMemoryStore()
        let name = try store.deliver("Subject: x\r\n\r\n")
        let content = try await store.withSession { try await $0.content(of: name) }
        let error = await #expect(throws: MailError.self) { try await content.collect(upTo: 100) }
        #expect(error?.code == .misuse)
    }

    @Test func `A message that another program removes is not found`() async throws {
        let store = InMemoryStore()
        let name = try store.deliver("Subject: x\r\n\r\n")
        try await store.withSession { session in
            let listed = try await session.messages()
            #expect(listed.count == 1)
            store.remove(name)
            let error = await #expect(throws: MailError.self) { try await session.content(of: name) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func `Opening fails when it is told to`() async throws {
        let store = InMemoryStore()
        store.setOpeningError(MailError(.authenticationFailed, "wrong password"))
        let error = await #expect(throws: MailError.self) { try await store.openSession() }
        #expect(error?.code == .authenticationFailed)
        store.setOpeningError(nil)
        let listed = try await store.withSession { try await $0.messages() }
        #expect(listed.isEmpty)
    }
}
