import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("The choice of the mechanism", .undisturbed)
struct SASLNegotiatorTests {
    private static let everything = SASLNegotiator.known
    private static let bindings = ChannelBindings(exporter: [1], serverEndPoint: [2], prefersExporter: true)

    private func choose(
        _ offered: [String],
        allowed: [String] = [],
        password: String? = "pw",
        token: String? = nil,
        certificate: Bool = false,
        host: String = "mail.example.org",
        encrypted: Bool = true,
        security: ConnectionSecurity = .tls,
        bindings: ChannelBindings? = nil,
        without: Set<String> = []
    ) throws -> String {
        try negotiator(
            offered,
            allowed: allowed,
            password: password,
            token: token,
            certificate: certificate,
            host: host,
            encrypted: encrypted,
            security: security,
            bindings: bindings
        ).choose(without: without).name
    }

    private func negotiator(
        _ offered: [String],
        allowed: [String] = [],
        password: String? = "pw",
        token: String? = nil,
        certificate: Bool = false,
        host: String = "mail.example.org",
        encrypted: Bool = true,
        security: ConnectionSecurity = .tls,
        bindings: ChannelBindings? = nil
    ) -> SASLNegotiator {
        SASLNegotiator(
            offered: offered,
            allowed: allowed,
            credentials: SASLCredentials(
                username: "user",
                password: password.map { Secret($0) },
                token: token.map { Secret($0) },
                hasCertificate: certificate
            ),
            endpoint: Endpoint(host: host, port: 465),
            isEncrypted: encrypted,
            security: security,
            bindings: bindings
        )
    }

    @Test("The strongest that is offered is taken")
    func strongest() throws {
        #expect(try choose(Self.everything, bindings: Self.bindings) == "SCRAM-SHA-512-PLUS")
        #expect(try choose(Self.everything) == "SCRAM-SHA-512")
        #expect(try choose(["PLAIN", "scram-sha-1", "LOGIN"]) == "SCRAM-SHA-1")
        #expect(try choose(["CRAM-MD5", "LOGIN", "PLAIN"]) == "PLAIN")
        #expect(try choose(["CRAM-MD5"]) == "CRAM-MD5")
        #expect(try choose(Self.everything, password: nil, token: "t") == "OAUTHBEARER")
        #expect(try choose(["XOAUTH2", "PLAIN"], token: "t") == "XOAUTH2")
        #expect(try choose(Self.everything, password: nil, certificate: true) == "EXTERNAL")
        #expect(try choose(["EXTERNAL", "PLAIN"], certificate: true) == "PLAIN")
    }

    @Test("The settings' list limits and orders")
    func settings() throws {
        #expect(try choose(Self.everything, allowed: ["login", "PLAIN"]) == "LOGIN")
        #expect(try choose(["EXTERNAL", "PLAIN"], allowed: ["EXTERNAL"], certificate: true) == "EXTERNAL")
        #expect(try choose(["ANONYMOUS"], allowed: ["ANONYMOUS"], password: nil) == "ANONYMOUS")
        #expect(throws: MailError.self) { try choose(["ANONYMOUS"], password: nil) }
        let error = #expect(throws: MailError.self) { try choose(["PLAIN"], allowed: ["SCRAM-SHA-256"]) }
        #expect(error?.code == .authenticationUnavailable)
        #expect(error?.message.contains("PLAIN") == true)
        #expect(error?.message.contains("SCRAM-SHA-256") == true)
    }

    @Test("Neither password nor token is ever sent without TLS, not even when forced")
    func noPlaintext() {
        for mechanism in ["PLAIN", "LOGIN"] {
            for allowed in [[], [mechanism]] {
                #expect(throws: MailError.self) {
                    try choose([mechanism], allowed: allowed, encrypted: false, security: .startTLS)
                }
                #expect(throws: MailError.self) {
                    try choose([mechanism], allowed: allowed, encrypted: false, security: .none)
                }
                #expect(throws: MailError.self) {
                    try choose([mechanism], allowed: allowed, host: "127.0.0.1", encrypted: false, security: .startTLS)
                }
            }
        }
        for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
            #expect(throws: MailError.self) {
                try choose([mechanism], password: nil, token: "t", encrypted: false, security: .none)
            }
        }
    }

    @Test("On this computer, with security none, a password may go without TLS, a hash of it first")
    func loopback() throws {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            #expect(try choose(["PLAIN"], host: host, encrypted: false, security: .none) == "PLAIN")
            #expect(try choose(["PLAIN", "CRAM-MD5"], host: host, encrypted: false, security: .none) == "CRAM-MD5")
        }
        for host in ["localhost.example.org", "128.0.0.1", "::2", "127.0.0.1.example.org"] {
            #expect(throws: MailError.self) { try choose(["PLAIN"], host: host, encrypted: false, security: .none) }
        }
    }

    @Test("A mechanism that the server does not have after all is left out; nothing else is")
    func refused() throws {
        #expect(try choose(["SCRAM-SHA-256", "PLAIN"], without: ["SCRAM-SHA-256"]) == "PLAIN")
        #expect(throws: MailError.self) { try choose(["PLAIN"], without: ["PLAIN"]) }
    }

    @Test("The gs2 flag tells the truth about channel binding")
    func flags() throws {
        func flag(_ offered: [String], _ allowed: [String], _ bindings: ChannelBindings?) throws -> String {
            var exchange = try negotiator(offered, allowed: allowed, bindings: bindings).choose()
            let piece = try #require(try exchange.start())
            let text = String(decoding: try #require(Base64.decode(piece.octets)), as: UTF8.self)
            return String(text.prefix { $0 != "," })
        }
        let older = ChannelBindings(exporter: [1], serverEndPoint: [2], prefersExporter: false)
        #expect(try flag(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], [], Self.bindings) == "p=tls-exporter")
        #expect(try flag(["SCRAM-SHA-256-PLUS"], [], older) == "p=tls-server-end-point")
        #expect(try flag(["SCRAM-SHA-256"], [], Self.bindings) == "y")
        #expect(try flag(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], ["SCRAM-SHA-256"], Self.bindings) == "n")
        #expect(try flag(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], [], nil) == "n")
    }

    @Test("Errors show hostile names of mechanisms escaped and cut, and no secret")
    func hostileNames() {
        let error = #expect(throws: MailError.self) {
            try choose(["\u{1B}[2J", String(repeating: "A", count: 10_000)], password: "canary")
        }
        #expect(error?.message.contains("\u{1B}") == false)
        #expect(error?.message.contains("canary") == false)
        #expect((error?.message.count ?? 0) < 1_000)
    }
}
