import Logging
import Posthorn
import PosthornNet
import TestSupport
import Testing

@testable import PosthornSMTP

@Suite(.computing) struct SMTPSettingsTests {
    private func load(_ settings: String) throws -> SMTPSettings {
        let text = "client: test\nuse: { outgoing: smtp }\noutgoing:\n  smtp: { \(settings) }\n"
        let loaded = try SettingsFile.text(text).load(plugins: PluginRegistry([.smtp]), runningClient: "test")
        // What can only be found when the transport is made is a mistake of the settings, too.
        _ = try loaded.instantiate(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try #require(loaded.outgoing.first?.settings as? SMTPSettings)
    }

    private func issues(_ settings: String) -> [String] {
        do {
            _ = try load(settings)
            return []
        } catch let error as SettingsError {
            return error.issues.map(\.description)
        } catch {
            return ["another error: \(error)"]
        }
    }

    @Test(arguments: [
        ("", 465), ("security: tls", 465), ("security: starttls", 587), ("role: relay", 25),
        ("role: relay, security: starttls", 25), ("protocol: lmtp", 24), ("protocol: lmtp, role: relay", 24),
        ("role: relay, port: 2525", 2_525), ("port: 587", 587), ("role: relay, port: 25", 25),
        ("protocol: lmtp, port: 25", 25),
    ])
    func `the usual ports`(_ settings: String, _ port: Int) throws {
        let more = settings.isEmpty ? "" : ", " + settings
        #expect(
            try load("host: mail.example.org\(more)").net.endpoint == Endpoint(host: "mail.example.org", port: port)
        )
    }

    @Test func `without security the port of submission is 587, and only to this computer`() throws {
        #expect(try load("host: localhost, security: none").net.endpoint.port == 587)
        #expect(try load("host: 127.0.0.1, security: none").net.security == .none)
        #expect(try load("host: '::1', security: none").net.endpoint.port == 587)
        for host in ["mail.example.org", "192.168.1.1", "localhost.example.org", "128.0.0.1", "127.0.0.1.example.org"] {
            let found = issues("host: \(host), security: none")
            #expect(
                found.count == 1 && found[0].contains("security")
                    && found[0].contains("is for servers on this computer alone")
            )
        }
    }

    @Test func `port 25 needs the role of a relay`() {
        let found = issues("host: mail.example.org, port: 25")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains("settings:4:") == true && found.first?.contains("outgoing.smtp.port") == true)
        #expect(found.first?.contains("role: relay") == true && found.first?.contains("465") == true)
    }

    @Test(arguments: [
        ("username: info", "password"), ("password: x", "username"), ("token: x", "username"),
        ("mechanisms: [PLAIN, FOO-9]", "FOO-9"), ("role: mta", "submission, relay"), ("protocol: esmtp", "smtp, lmtp"),
        ("security: ssl", "tls, starttls, none"), ("port: 0", "port"), ("port: 70000", "port"),
        ("protocl: lmtp", "protocol"),
        ("hello-name: 'a b'", "hello-name"), ("hello-name: 'a\\r\\nDATA'", "hello-name"),
        ("tls: { key: k.pem }", "certificate"),
        ("tls: { minimum: 1.1 }", "1.2"),
    ])
    func `mistakes are named`(_ settings: String, _ word: String) {
        let found = issues("host: mail.example.org, \(settings)")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(word) == true, "\(found)")
    }

    @Test func `all mistakes come at once`() {
        let found = issues(
            "security: ssl, port: 99999, prot: x, role: y, mechanisms: [Z], timeouts: { reply: soon }, tls: { minimum: 1.0 }"
        )
        #expect(found.count >= 7, "\(found)")
        #expect(found.contains { $0.contains("host") })
    }

    @Test func `a user without password is well where the program gives tokens or a certificate is there`() throws {
        let text =
            "client: test\nuse: { outgoing: smtp }\noutgoing:\n  smtp: { host: mail.example.org, username: info }\n"
        let plugin = SMTPPlugin(tokenProvider: { Secret("t") })
        let loaded = try SettingsFile.text(text).load(plugins: PluginRegistry([plugin]), runningClient: "test")
        #expect(try loaded.instantiate(logger: Logger(label: "test")).outgoing["smtp"] != nil)
    }

    @Test(arguments: [
        ("tls: { trust: /nowhere/ca.pem }", "/nowhere/ca.pem"), ("tls: { crl: /nowhere/crl.pem }", "/nowhere/crl.pem"),
        ("tls: { certificate: /nowhere/c.pem, key: /nowhere/k.pem }", "/nowhere/"),
        ("tls: { certificate: /nowhere/c.p12 }", "/nowhere/c.p12"),
    ])
    func `a file that is not there is named at the start, without a network`(_ settings: String, _ file: String) {
        // The host resolves nowhere: whoever asks for it fails otherwise.
        let found = issues("host: host.invalid, \(settings)")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(file) == true, "\(found)")
        #expect(found.first?.contains("outgoing.smtp") == true, "\(found)")
    }

    @Test(arguments: [
        ("planung-3.example.org", "planung-3.example.org"), ("grüße.example", "xn--gre-6ka8l.example"),
        ("192.0.2.1", "[192.0.2.1]"), ("2001:db8::1", "[IPv6:2001:db8::1]"), ("example.org.", "example.org"),
    ])
    func `the name for EHLO travels as RFC 5321 wants it`(_ name: String, _ expected: String) throws {
        #expect(try load("host: localhost, hello-name: '\(name)'").wireHelloName() == expected)
    }

    @Test(arguments: ["a\r\nMAIL FROM:<x@y>", "a b", "", "a\u{0}", "a\nb", "[127.0.0.1]\r\nX", "a>b"])
    func `a name for EHLO that the program sets to a command is refused at the start`(_ name: String) throws {
        var settings = try load("host: localhost")
        settings.helloName = name
        let context = PluginContext(account: "smtp", client: "test", logger: Logger(label: "test"))
        #expect(throws: SettingsError.self) { try SMTPTransport(settings: settings, context: context) }
    }

    @Test func `the schema has every key, with help, and hides the secret ones`() {
        let keys = Dictionary(uniqueKeysWithValues: SMTPSettings.schema.keys.map { ($0.name, $0) })
        let expected: Set = [
            "host", "port", "security", "role", "protocol", "hello-name", "username", "password", "token", "mechanisms",
            "tls", "timeouts", "proxy", "connections", "messages-per-connection", "messages-per-minute",
            "messages-in-flight", "ignored-extensions",
        ]
        #expect(Set(keys.keys) == expected)
        for (name, key) in keys { #expect(key.help.count > 8, "\(name)") }
        #expect(
            keys["password"]?.isSecret == true && keys["token"]?.isSecret == true && keys["host"]?.isSecret == false
        )
        #expect(keys["host"]?.isRequired == true && keys["port"]?.isRequired == false)
    }

    @Test func `limits of time reach the connection`() throws {
        let net = try load("host: localhost, timeouts: { connect: 1 s, reply: 2 s, transfer: 3 s, total: 5 min }").net
        let timeouts = net.timeouts
        #expect(timeouts.connect == .seconds(1) && timeouts.tls == .seconds(1))
        #expect(timeouts.reply == .seconds(2) && timeouts.greeting == .seconds(2))
        #expect(timeouts.transfer == .seconds(3) && timeouts.total == .seconds(300))
    }

    @Test func `a settings file needs no network to be read`() throws {
        #expect(try load("host: does-not-exist.invalid, username: info, password: x").net.username == "info")
    }
}
