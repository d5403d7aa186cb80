import Posthorn
import PosthornMailbox
import PosthornPOP3

/// Fetches all messages of a mailbox and throws them away: `pop-retr`.
enum POP3Fetching {
    private static func settings() throws -> String {
        let security = ["implicit": "tls", "starttls": "starttls"][optional("BENCH_TLS") ?? "none"] ?? "none"
        var yaml = """
            client: bench
            use: { incoming: pop3 }
            incoming:
              pop3:
                host: \(try value("BENCH_HOST"))
                port: \(try value("BENCH_PORT"))
                security: \(security)
                username: \(try value("BENCH_USER"))
                password: { env: BENCH_PASS }

            """
        if security != "none" { yaml += "    tls: { trust: \(try value("BENCH_CA")) }\n" }
        return yaml
    }

    static func run() async throws -> (messages: Int, octets: Int) {
        guard let limit = Int(try value("BENCH_N")), limit > 0 else { throw Complaint(text: "BENCH_N is not a number") }
        let mail = try await PosthornClient(settings: .text(settings()), plugins: [.pop3], client: "bench")
        return try await fetch(mail.store(), limit)
    }

    /// Fetches what is new into a Maildir, with records: `pop-store`.
    static func store() async throws -> (messages: Int, octets: Int) {
        let directory = try value("BENCH_SCRATCH")
        let mail = try await PosthornClient(settings: .text(settings()), plugins: [.pop3], client: "bench")
        return try await store(mail.store(), directory)
    }

    private static func store(_ store: some IncomingStore, _ directory: String) async throws -> (Int, Int) {
        let limit = optional("BENCH_N").flatMap { Int($0) }
        let fetcher = MailFetcher(
            store: store,
            account: FetchAccount(store.interface(.fetching)?.fetchAccount ?? "bench"),
            destination: Maildir(directory + "/maildir"),
            stateDirectory: directory + "/state",
            policy: FetchPolicy(maximumMessages: limit)
        )
        let report = try await fetcher.run()
        return (report.fetched.count, Int(report.octets))
    }

    private static func fetch(_ store: some IncomingStore, _ limit: Int) async throws -> (messages: Int, octets: Int) {
        try await store.withSession { session in
            let names = try await session.messages().prefix(limit).map(\.id)
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
    }
}
