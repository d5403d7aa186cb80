import Foundation
import PosthornTLS
import TestSupport
import Testing

/// Continuing an earlier session instead of exchanging certificates again.
@Suite(.computing) struct ResumptionTests {
    private let key = TLSSessionCache.Key(host: "mail.example.org", port: 465, identity: "info")

    private func connect(
        _ client: TLSContext,
        _ server: TLSServerContext,
        _ cache: TLSSessionCache,
        name: String = "mail.example.org"
    ) throws -> Pair {
        let pair = try Setup.pair(client, server, name: name, session: cache.take(for: key))
        let key = key
        pair.client.onNewSession = { cache.store($0, for: key) }
        pair.shake()
        return pair
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `the second connection resumes the first`(version: TLSVersion) throws {
        let authority = try CertificateAuthority.shared
        let client = try Setup.client(trusting: authority.certificate)
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"]))) {
            $0.maximumVersion = version
        }
        let cache = TLSSessionCache()
        let first = try connect(client, server, cache)
        try expectConnected(first)
        #expect(!first.client.wasResumed)
        for _ in 1...3 {
            let next = try connect(client, server, cache)
            try expectConnected(next)
            #expect(next.client.wasResumed && next.server.wasResumed)
            #expect(next.client.information?.certificates.count == 1)
            #expect(next.client.tlsExporter == next.server.tlsExporter)
            #expect(next.client.tlsServerEndPoint == first.client.tlsServerEndPoint)
        }
    }

    @Test func `a ticket of TLS 1_3 is given out once`() throws {
        let authority = try CertificateAuthority.shared
        let cache = TLSSessionCache()
        _ = try connect(
            Setup.client(trusting: authority.certificate),
            Setup.server(authority.issue(.init(names: ["mail.example.org"]))),
            cache
        )
        // OpenSSL's servers give two tickets.
        #expect(cache.take(for: key) != nil)
        #expect(cache.take(for: key) != nil)
        #expect(cache.take(for: key) == nil)
        #expect(cache.count == 0)
    }

    @Test func `a session is not resumed under another context or for another host`() throws {
        let authority = try CertificateAuthority.shared
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org", "b.example.org"])))
        let client = try Setup.client(trusting: authority.certificate)
        let cache = TLSSessionCache()
        _ = try connect(client, server, cache)
        let otherContext = try connect(Setup.client(trusting: authority.certificate), server, cache)
        try expectConnected(otherContext)
        #expect(!otherContext.client.wasResumed)
        cache.removeAll()
        _ = try connect(client, server, cache)
        let otherHost = try connect(client, server, cache, name: "b.example.org")
        try expectConnected(otherHost)
        #expect(!otherHost.client.wasResumed)
    }

    @Test func `a server that does not know the session gets a full handshake`() throws {
        let authority = try CertificateAuthority.shared
        let client = try Setup.client(trusting: authority.certificate)
        let issued = try authority.issue(.init(names: ["mail.example.org"]))
        let cache = TLSSessionCache()
        _ = try connect(client, Setup.server(issued), cache)
        let second = try connect(client, Setup.server(issued), cache)
        try expectConnected(second)
        #expect(!second.client.wasResumed)
    }

    @Test func `the cache is bounded, forgets, and gives out nothing that ended`() throws {
        let authority = try CertificateAuthority.shared
        let cache = TLSSessionCache(capacity: 2)
        var sessions: [TLSSession] = []
        let pair = try Setup.pair(
            Setup.client(trusting: authority.certificate),
            Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        )
        pair.client.onNewSession = { sessions.append($0) }
        pair.shake()
        let session = try #require(sessions.first)
        let keys = (1...3).map { TLSSessionCache.Key(host: "host\($0)", port: 993, identity: "") }
        for key in keys { cache.store(session, for: key) }
        #expect(cache.count == 2)
        #expect(cache.take(for: keys[0]) == nil)
        #expect(cache.take(for: keys[1], now: session.expires) == nil)
        #expect(cache.take(for: keys[2], now: session.expires - 1) != nil)
        cache.store(session, for: keys[1])
        cache.forget(keys[1])
        #expect(cache.take(for: keys[1]) == nil)
        let now = Int64(Date().timeIntervalSince1970)
        #expect(session.expires > now && session.expires <= now + 86_400)
        #expect(Mirror(reflecting: session).children.isEmpty)
        #expect(String(reflecting: session) == "TLS session for mail.example.org (TLS 1.3)")
    }

    @Test func `a session ends with its certificate`() throws {
        let authority = try CertificateAuthority.shared
        var sessions: [TLSSession] = []
        let pair = try Setup.pair(
            Setup.client(trusting: authority.certificate),
            Setup.server(
                authority.issue(.init(names: ["mail.example.org"], notAfter: Date(timeIntervalSinceNow: 600)))
            )
        )
        pair.client.onNewSession = { sessions.append($0) }
        pair.shake()
        let session = try #require(sessions.first)
        #expect(session.expires <= Int64(Date().timeIntervalSince1970) + 600)
    }
}
