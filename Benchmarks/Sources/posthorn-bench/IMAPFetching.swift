import Posthorn
import PosthornIMAP

/// Reads from an IMAP mailbox: `imap-bodies`, `imap-stream`, `imap-list`.
enum IMAPFetching {
    private static func store() async throws -> IMAPStore {
        let security = ["implicit": "tls", "starttls": "starttls"][optional("BENCH_TLS") ?? "none"] ?? "none"
        var yaml = """
            client: bench
            use: { incoming: imap }
            incoming:
              imap:
                host: \(try value("BENCH_HOST"))
                port: \(try value("BENCH_PORT"))
                security: \(security)
                username: \(try value("BENCH_USER"))
                password: { env: BENCH_PASS }

            """
        if security != "none" { yaml += "    tls: { trust: \(try value("BENCH_CA")) }\n" }
        let mail = try await PosthornClient(settings: .text(yaml), plugins: [.imap], client: "bench")
        return try mail.store("imap", as: IMAPStore.self)
    }

    nonisolated(nonsending) private static func names(_ session: IMAPSession) async throws -> [StoredMessage.ID] {
        guard let limit = Int(try value("BENCH_N")), limit > 0 else { throw Complaint(text: "BENCH_N is not a number") }
        if let mailbox = optional("BENCH_MBOX") { try await session.select(mailbox) }
        return try await session.messages().prefix(limit).map(\.id)
    }

    /// All octets of the messages.
    static func bodies() async throws -> (messages: Int, octets: Int) {
        let store = try await store()
        let result = try await store.withSession { session in
            let names = try await names(session)
            var octets = 0
            var buffer: [UInt8] = []
            try await session.readEach(names) { _, reader in
                while try await reader.read(into: &buffer) {
                    octets += buffer.count
                    buffer.removeAll(keepingCapacity: true)
                }
            }
            return (names.count, octets)
        }
        await store.close()
        return result
    }

    /// What a list of messages shows.
    static func list() async throws -> (messages: Int, octets: Int) {
        let store = try await store()
        let result = try await store.withSession { session in
            let names = try await names(session)
            var (messages, octets) = (0, 0)
            let items: [IMAPFetchItem] = [.flags, .internalDate, .size, .envelope, .bodyStructure]
            try await session.fetch(items, of: names) { _, message in
                guard message.envelope != nil, message.bodyStructure != nil else { return }
                messages += 1
                octets += Int(message.size ?? 0)
            }
            return (messages, octets)
        }
        await store.close()
        return result
    }
}
