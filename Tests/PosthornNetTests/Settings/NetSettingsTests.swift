import Foundation
import Logging
import Posthorn
import PosthornTLS
import Synchronization
import TestSupport
import Testing

@testable import PosthornNet

/// A plugin that has the shared keys and nothing else, and gives its settings to the test.
private struct Probe: OutgoingPlugin {
    let identifier = "probe"
    let summary = "Shows its settings."
    let found: Found

    final class Found: Sendable {
        let settings = Mutex<NetSettings?>(nil)
    }

    struct Settings: PluginSettings {
        static let keys = NetSettings.Keys(service: "SMTP", tlsPort: 465, startTLSPort: 587)
        static let schema = keys.schema
        var net: NetSettings

        init(_ values: SettingsValues) throws { net = try NetSettings(values, Self.keys) }
        static func check(_ values: SettingsValues) throws -> [SettingsIssue] { try NetSettings.check(values, keys) }
    }

    func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
        found.settings.withLock { $0 = settings.net }
        _ = try Dialer(settings.net, logger: context.logger)
        return Nothing()
    }

    struct Nothing: OutgoingTransport {
        func send(_ request: SendRequest) async throws -> SendReceipt {
            throw MailError(.unsupported, "nothing is sent")
        }
    }
}

@Suite("The settings that network plugins share", .undisturbed)
struct NetSettingsTests {
    private func read(_ lines: String, directory: String = "/nowhere") throws -> NetSettings {
        let found = Probe.Found()
        let text =
            "client: test\nuse:\n  outgoing: probe\noutgoing:\n  probe:\n"
            + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        let settings = try SettingsFile.text(text, name: "test.yaml", directory: directory)
            .load(plugins: PluginRegistry([Probe(found: found)]), runningClient: "test")
        _ = try settings.instantiate(logger: Logger(label: "test"))
        return try #require(found.settings.withLock { $0 })
    }

    private func complaint(_ lines: String) -> String {
        do {
            _ = try read(lines)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("A host alone is enough: TLS, the protocol's port, and safe limits")
    func minimal() throws {
        let settings = try read("host: mail.example.org")
        #expect(settings.endpoint == Endpoint(host: "mail.example.org", port: 465))
        #expect(settings.security == .tls)
        #expect(!settings.signsIn)
        #expect(settings.timeouts == Timeouts())
        #expect(settings.mechanisms.isEmpty)
        #expect(try read("host: a\nsecurity: starttls").endpoint.port == 587)
        #expect(try read("host: a\nsecurity: starttls\nport: 2525").endpoint.port == 2525)
    }

    @Test("Everything can be said")
    func everything() throws {
        let settings = try read(
            """
            host: mail.example.org
            port: 1465
            username: info
            password: { env: HOME }
            mechanisms: [scram-sha-256, PLAIN]
            tls: { minimum: 1.3, ciphers: ECDHE+AESGCM, cipher-suites: TLS_AES_256_GCM_SHA384 }
            timeouts: { connect: 10 s, reply: 20 s, transfer: 30 s, idle: 40 s, total: 10 min }
            proxy: socks5://proxy.example.org
            """
        )
        #expect(settings.mechanisms == ["SCRAM-SHA-256", "PLAIN"])
        #expect(settings.signsIn)
        #expect(settings.timeouts.connect == .seconds(10))
        #expect(settings.timeouts.tls == .seconds(10))
        #expect(settings.timeouts.reply == .seconds(20))
        #expect(settings.timeouts.greeting == .seconds(20))
        #expect(settings.timeouts.transfer == .seconds(30))
        #expect(settings.timeouts.idle == .seconds(40))
        #expect(settings.timeouts.total == .seconds(600))
        #expect(settings.proxy?.server.endpoint == Endpoint(host: "proxy.example.org", port: 1080))
        #expect(settings.tls.configuration(passphrase: nil).minimumVersion == .v1_3)
        #expect(try read("host: a\ntimeouts: { total: none }").timeouts.total == nil)
    }

    @Test(
        "The proxy as URL and as group",
        arguments: [
            ("socks5://p:99", "socks5", "p:99"), ("http://p.example.org", "http", "p.example.org:3128"),
            ("http://[::1]:8080/", "http", "[::1]:8080"), ("socks5://[2001:db8::1]", "socks5", "[2001:db8::1]:1080"),
            ("{ type: http, host: p }", "http", "p:3128"),
            ("{ type: socks5, host: p, port: 9, username: u, password: { env: HOME } }", "socks5", "p:9"),
        ]
    )
    func proxy(text: String, kind: String, endpoint: String) throws {
        let proxy = try #require(try read("host: a\nproxy: \(text.hasPrefix("{") ? text : "'\(text)'")").proxy?.server)
        #expect(proxy.kind.description == kind)
        #expect(proxy.endpoint.description == endpoint)
    }

    @Test(
        "Proxies that cannot be are refused, and a password in the address is not shown",
        arguments: [
            "proxy.example.org:1080", "https://p", "socks5://", "socks5://p:0", "socks5://p:99999", "socks5://a:b:c",
            "socks5://u:canary@p", "http://p/x", "http://p q", "socks5://[::1", "socks5://[::1]x",
        ]
    )
    func badProxy(text: String) {
        let complaint = complaint("host: a\nproxy: '\(text)'")
        #expect(complaint.contains("outgoing.probe.proxy"))
        #expect(!complaint.contains("canary"))
    }

    @Test("security none is for this computer alone", arguments: ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
    func loopback(host: String) throws {
        #expect(try read("host: '\(host)'\nsecurity: none").security == .none)
        #expect(complaint("host: '\(host)'\nsecurity: none\nproxy: socks5://p").contains("this computer alone"))
    }

    @Test(
        "security none to any other host is refused with the reason",
        arguments: [
            "mail.example.org", "10.0.0.1", "::2", "128.0.0.1", "localhost.example.org", "127.0.0.1.example.org",
            "0.0.0.0",
        ]
    )
    func remote(host: String) {
        let complaint = complaint("host: '\(host)'\nsecurity: none")
        #expect(complaint.contains("outgoing.probe.security"))
        #expect(complaint.contains("this computer alone"))
    }

    @Test(
        "Values that do not fit together are all named",
        arguments: [
            ("password: { env: HOME }", "password"),
            ("username: u\npassword: { env: HOME }\ntoken: { env: HOME }", "token"),
            ("username: u\npassword: { env: HOME }\nmechanisms: XOAUTH2", "mechanisms"),
            ("username: u\ntoken: { env: HOME }\nmechanisms: PLAIN", "mechanisms"),
            ("mechanisms: EXTERNAL", "mechanisms"), ("mechanisms: NTLM", "mechanisms"), ("security: ssl", "security"),
            ("port: 0", "port"), ("tls: { key: k.pem }", "tls.key"), ("tls: { pins: [abc] }", "tls.pins"),
            ("tls: { passphrase: { env: HOME } }", "tls.passphrase"), ("tls: { minimum: 1.1 }", "tls.minimum"),
            ("tls: { verify: false }", "tls: unknown key 'verify'"), ("timeouts: { reply: 0 s }", "timeouts.reply"),
            ("timeouts: { reply: 5 }", "timeouts.reply"),
            ("proxy: { type: socks5, host: p, username: u }", "proxy.username"),
        ]
    )
    func mistakes(lines: String, key: String) {
        #expect(complaint("host: mail.example.org\n\(lines)").contains("outgoing.probe.\(key)"))
    }

    @Test("A user without anything to prove it is named at start")
    func userAlone() {
        // Only there, because the program may give tokens.
        #expect(complaint("host: mail.example.org\nusername: u").contains("outgoing.probe: the user name needs"))
    }

    @Test("A file that cannot be used fails at start, and names itself")
    func files() {
        #expect(complaint("host: a\ntls: { trust: /no/such/file.pem }").contains("/no/such/file.pem"))
        #expect(complaint("host: a\ntls: { crl: /no/such/list.pem }").contains("/no/such/list.pem"))
        #expect(complaint("host: a\ntls: { certificate: /no/such/cert.pem }").contains("/no/such/cert.pem"))
    }

    @Test("Connections made of settings work: own authority, client certificate with passphrase, sign-in data")
    func dialer() async throws {
        let authority = try CertificateAuthority.shared
        let issued = try authority.issue(CertificateRequest(commonName: "client", purpose: .client))
        let key = try issued.encryptedKey(passphrase: "opensesame")
        let context = try Net.serverContext {
            $0.clientCertificates = .required(issuedBy: .file(authority.certificate.path))
        }
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try peer.send("220 here\r\n")
            peer.drain()
        }
        let passphrase = FileManager.default.temporaryDirectory.appendingPathComponent("posthorn-\(UUID().uuidString)")
        try Data("opensesame".utf8).write(to: passphrase)
        defer { try? FileManager.default.removeItem(at: passphrase) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passphrase.path)
        let settings = try read(
            """
            host: 127.0.0.1
            port: \(server.port)
            mechanisms: EXTERNAL
            tls: { trust: [\(authority.certificate.path)], certificate: \(issued.chain.path), key: \(key.path), passphrase: { file: \(passphrase.path) } }
            """
        )
        let dialer = try Dialer(settings)
        for _ in 0..<2 {
            let connection = try await dialer.connect()
            #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 here")
            await connection.closeGracefully()
        }
        #expect(try await dialer.credentials()?.hasCertificate == true)
    }

    @Test(
        "A proxy's text with a password is never shown, however wrong the rest is",
        arguments: ["https://info:hunter2@proxy:3128", "info:hunter2@proxy:3128", "socks5://info:hunter2@proxy"]
    )
    func proxyPassword(_ text: String) {
        let complaint = complaint("host: a\nproxy: '\(text)'")
        #expect(complaint.contains("write the proxy as a group"))
        #expect(!complaint.contains("hunter2"))
    }

    private struct Refused: Error { let body = "hunter2" }

    private func failure(of provider: @escaping @Sendable () async throws -> Secret) async throws -> MailError? {
        let settings = try read("host: a\nusername: info\npassword: { env: HOME }")
        let dialer = try Dialer(settings, tokenProvider: provider)
        return await #expect(throws: MailError.self) { try await dialer.credentials() }
    }

    @Test("An error of the host's token provider tells no more than its type")
    func tokenProvider() async throws {
        let error = try await failure(of: { throw Refused() })
        #expect(error?.code == .secretUnavailable)
        #expect(error?.message.contains("token provider failed (Refused)") == true)
        #expect(error?.detailedDescription().contains("hunter2") == false)
        #expect(error?.cause is Refused)
        #expect(try await failure(of: { throw CancellationError() })?.code == .cancelled)
        #expect(try await failure(of: { throw MailError(.refused, "x") })?.code == .refused)
    }
}
