import PosthornTLS
import TestSupport
import Testing

/// One context, many connections at once on many threads.
@Suite(.computing) struct SharedContextTests {
    @Test func `connections of one context do not disturb each other`() async throws {
        let authority = try CertificateAuthority.shared
        let client = try Setup.client(trusting: authority.certificate)
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        let cache = TLSSessionCache(capacity: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let key = TLSSessionCache.Key(host: "mail.example.org", port: 465, identity: "\(number % 5)")
                    let name = number % 4 == 0 ? "other.example.org" : "mail.example.org"
                    let pair = try Setup.pair(client, server, name: name, session: cache.take(for: key))
                    pair.client.onNewSession = { cache.store($0, for: key) }
                    pair.shake()
                    if number % 4 == 0 {
                        #expect(pair.clientError?.code == .hostMismatch)
                    } else {
                        try expectConnected(pair)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
