import Foundation
import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct SecretSettingsTests {
    private static let canary = "PosthornSecretCanary"

    private func messages(_ password: String, directory: String = "/nowhere") -> [String] {
        complaints {
            try load(
                "client: planung-3\noutgoing:\n  smtp:\n    host: a.example\n    password: \(password)\n",
                directory: directory
            )
        }
    }

    @Test(arguments: [
        "[PosthornSecretCanary]", "{ env: 'PosthornSecretCanary!' }", "{ PosthornSecretCanary }",
        "{ pass: PosthornSecretCanary }",
        "{ env: A, file: PosthornSecretCanary }", "{ env: [PosthornSecretCanary] }",
        "{ env: { a: PosthornSecretCanary } }",
        "{ file: [PosthornSecretCanary] }", "{ command: { a: PosthornSecretCanary } }",
        "{ command: 'cat PosthornSecretCanary' }",
        "!PosthornSecretCanary x", "&PosthornSecretCanary x", "*PosthornSecretCanary", "@PosthornSecretCanary",
        "\"PosthornSecretCanary", "'PosthornSecretCanary", "PosthornSecretCanary: a: b", "{ PosthornSecretCanary: x",
        "\"PosthornSecretCanary\\q\"", "{}", "[]", "#PosthornSecretCanary", "\"\"", "|\n   PosthornSecretCanary",
        "{ command: [no-such-program, PosthornSecretCanary] }", "{ command: [] }", "%PosthornSecretCanary",
        "`PosthornSecretCanary`", "PosthornSecretCanary\n     : x", "? PosthornSecretCanary",
    ]) func noMessageShowsASecret(password: String) {
        let messages = messages(password)
        #expect(!messages.isEmpty)
        #expect(!messages.joined().contains(Self.canary), "\(messages)")
    }

    @Test func noMessageShowsTheValueOfAMisspeltKey() {
        let messages = complaints {
            try load("client: planung-3\noutgoing: { smtp: { host: a.example, pasword: PosthornSecretCanary } }\n")
        }
        #expect(messages == ["planung-3.yaml:2:38: outgoing.smtp: unknown key 'pasword' (did you mean 'password'?)"])
    }

    @Test func keysMarkedAsSecretAreMaskedWhateverTheirType() throws {
        struct Settings: PluginSettings {
            static let pinKey = SettingsKey("pin", .integer(0...9_999), help: "A PIN.", isSecret: true)
            static let schema = SettingsSchema(pinKey)
            init(_ values: SettingsValues) throws { _ = try values[Self.pinKey] }
        }
        struct Plugin: OutgoingPlugin {
            let identifier = "pin"
            let summary = "Has a secret number."
            func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
                FakeTransport(account: "")
            }
        }
        let plugins = try PluginRegistry([Plugin()])
        let good = try SettingsFile.text("client: planung-3\noutgoing: { pin: { pin: 1234 } }\n")
            .load(plugins: plugins, runningClient: "planung-3")
        #expect(good.entries.first { $0.path == "outgoing.pin.pin" }?.text == "<secret>")
        for wrong in ["77777", "abc77777", "[77777]", "{ a77777: 77777 }"] {
            let messages = complaints {
                try SettingsFile.text("client: planung-3\noutgoing: { pin: { pin: \(wrong) } }\n")
                    .load(plugins: plugins, runningClient: "planung-3")
            }
            #expect(messages.count == 1)
            #expect(!messages.joined().contains("77777"))
        }
    }

    @Test func aLiteralNeedsAFileThatOthersCannotRead() throws {
        let directory = try TemporaryDirectory()
        let text = "client: planung-3\noutgoing: { smtp: { host: a.example, password: 0123 } }\n"
        let file = try directory.write("a.yaml", text, mode: 0o600)
        let settings = try load(.file(file))
        let smtp = try #require(settings.outgoing.first?.settings as? FakeSMTP.Settings)
        #expect(smtp.password.map { "\($0)" } == "the settings")
        #expect(settings.entries.first { $0.path == "outgoing.smtp.password" }?.text == "<secret from the settings>")
        try directory.write("a.yaml", text, mode: 0o644)
        let messages = complaints { try load(.file(file)) }
        #expect(messages.count == 1)
        #expect(messages.first?.contains("run 'chmod 600 \(file)'") == true)
        #expect(messages.first?.contains("0123") == false)
    }

    @Test func whatSecretsReferToIsCheckedWhenTheFileIsRead() throws {
        let directory = try TemporaryDirectory()
        try directory.write("good.secret", "x\n")
        try directory.write("open.secret", "x\n", mode: 0o644)
        try directory.write("empty.secret", "")
        func message(_ password: String) -> String { messages(password, directory: directory.path).joined() }
        #expect(message("{ file: good.secret }") == "")
        #expect(message("{ file: \(directory.path)/good.secret }") == "")
        #expect(message("{ env: SMTP_PASSWORD }") == "")
        #expect(message("{ command: [cat, x] }") == "")
        #expect(message("{ command: cat }") == "")
        #expect(message("{ file: open.secret }").contains("chmod 600 \(directory.path)/open.secret"))
        #expect(message("{ file: empty.secret }").contains("is empty"))
        #expect(message("{ file: none.secret }").contains("'none.secret' does not exist"))
        #expect(message("{ env: EMPTY }").contains("'EMPTY' is not set, or empty"))
        #expect(message("{ command: [no-such-program] }").contains("there is no program 'no-such-program' in PATH"))
        #expect(message("{ command: [/bin/none] }").contains("does not exist, or may not be executed"))
    }

    @Test func aDumpOfTheSettingsShowsNoSecret() throws {
        let settings = try load(
            "client: planung-3\noutgoing: { smtp: { host: a.example, password: PosthornSecretCanary } }\n"
        )
        var text = "\(settings)" + String(reflecting: settings)
        dump(settings, to: &text)
        #expect(!text.contains(Self.canary))
    }

    @Test(arguments: [
        "password:PosthornSecretCanary", "password=PosthornSecretCanary", "password PosthornSecretCanary",
    ])
    func aValueThatTheSpaceIsMissingBeforeIsNotShown(text: String) {
        for line in [
            "outgoing: { smtp: { host: a.example, \(text) } }", "outgoing: { \(text) }",
            "outgoing: { \(text), \(text) }",
        ] {
            let messages = complaints { try load("client: planung-3\n\(line)\n") }
            #expect(messages.contains { $0.contains("'password'") }, "\(messages)")
            #expect(!messages.joined().contains(Self.canary), "\(messages)")
        }
    }
}
