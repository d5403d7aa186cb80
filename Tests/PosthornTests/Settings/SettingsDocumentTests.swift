import Foundation
import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct SettingsDocumentTests {
    private func document() throws -> SettingsDocument {
        var document = SettingsDocument(client: "planung-3", plugins: try fakePlugins.get())
        document.set("sender", to: "Küchenstudio Muster <info@kuechen-muster.example>")
        document.set("use.outgoing", to: ["smtp", "outlook"])
        document.set("use.incoming", to: "pop3")
        document.set("outgoing.smtp.host", to: "mail.example.org")
        document.set("outgoing.smtp.port", to: "587")
        document.set("outgoing.smtp.tls.minimum", to: "1.3")
        try document.set("outgoing.smtp.password", to: .environment("SMTP_PASSWORD"))
        document.add("outgoing.outlook")
        document.set("incoming.pop3.host", to: "pop.example.org")
        try document.set("incoming.pop3.password", to: .command(["cat", "no: such # file"]))
        document.set("functions.order.copy-to", to: ["a@example.org", "b@example.org"])
        return document
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/planung-3.yaml"
        try document().write(to: file)
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let settings = try load(.file(file))
        #expect(settings.sender?.mailbox.description.contains("info@kuechen-muster.example") == true)
        #expect(settings.defaultOutgoing == ["smtp", "outlook"])
        #expect(settings.defaultIncoming == "pop3")
        let smtp = try #require(settings.outgoing.first?.settings as? FakeSMTP.Settings)
        #expect(smtp.host == "mail.example.org")
        #expect(smtp.port == 587)
        #expect(smtp.tls.minimum == "1.3")
        #expect(smtp.password.map { "\($0)" } == "env SMTP_PASSWORD")
        #expect(settings.functions["order"]?.copyTo.count == 2)
        let again = try SettingsDocument.load(from: file, plugins: try fakePlugins.get())
        #expect(again.render() == (try document().render()))
        #expect(again.list("use.outgoing") == ["smtp", "outlook"])
        #expect(again.text("outgoing.smtp.host") == "mail.example.org")
        #expect(again.names("outgoing") == ["smtp", "outlook"])
    }

    @Test func theFileIsCompleteAndNotTooWide() throws {
        let lines = try document().render().split(separator: "\n").map(String.init)
        for key in ["host", "port", "security", "username", "password", "tls", "timeout", "limit", "certificate"] {
            #expect(lines.contains { $0.hasPrefix("    \(key):") || $0.hasPrefix("    # \(key):") }, "\(key)")
        }
        #expect(lines.contains("    # security: tls"))
        #expect(lines.contains("    # timeout: 5 min"))
        #expect(lines.contains("    password: { env: SMTP_PASSWORD }"))
        #expect(lines.contains("    # The server. Required."))
        #expect(lines.contains("# redirect-all: test@example.org"))
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test func theSampleCanBeReadAndEveryCommentedKeyIsAKey() throws {
        let plugins = try fakePlugins.get()
        let sample = SettingsDocument.sample(client: "planung-3", plugins: plugins)
        let messages = complaints { try load(sample) }
        #expect(messages.count == 1, "\(messages)")
        #expect(messages.first?.contains("'POSTHORN_POP3_PASSWORD' is not set") == true)
        // With all comment signs before keys removed, no key is unknown.
        let activated = sample.split(separator: "\n").map { line -> String in
            guard let sign = line.firstIndex(of: "#"), line[..<sign].allSatisfy({ $0 == " " }) else {
                return String(line)
            }
            let rest = line[sign...].dropFirst(2)
            let isKey = rest.trimmingCharacters(in: .whitespaces).prefix { $0 != " " }.hasSuffix(":")
            return isKey ? String(line[..<sign]) + String(rest) : String(line)
        }.joined(separator: "\n")
        let all = complaints { try load(activated) }
        #expect(!all.contains { $0.contains("unknown key") || $0.contains("YAML") }, "\(all)\n\(activated)")
    }

    @Test func existingFilesKeepTheirValuesAndWhatTheyExtend() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "a.yaml",
            """
            client: planung-3 # old
            extends: site.yaml
            outgoing:
              smtp: { host: a.example, password: '0123', zzz: { a: [1, 2] } }
              other: { plugin: imap, x: z }
            """
        )
        var document = try SettingsDocument.load(from: file, plugins: try fakePlugins.get())
        document.set("outgoing.smtp.host", to: "b.example")
        document.remove("outgoing.smtp.zzz")
        let text = document.render()
        #expect(text.contains("\nextends: site.yaml\n"))
        #expect(text.contains("\n    host: b.example\n"))
        #expect(text.contains("\n    password: \"0123\"\n"))
        #expect(text.contains("\n  other: { plugin: imap, x: z }\n"))
        #expect(!text.contains("zzz"))
        #expect(throws: SettingsError.self) {
            var document = document
            try document.set("outgoing.smtp.password", to: .provider { Secret("x") })
        }
    }

    @Test(arguments: [
        "no", "Yes", "0123", "1.2", "1e3", "0x1F", "2026-01-01", "12:30:45", "a: b", "a #b", "#a", "- a", "*a", "&a",
        "!a", "%a",
        "@a", "`a", "[a", "{a", "a]", "a, b", "? a", "", " a", "a ", "~", "null", "Null", "true", "'a'", "\"a\"",
        "a\\b", "ü 📯",
        "C:\\x", "a\u{85}b", "a\u{FEFF}b", "\u{2028}", "\u{7F}", "e\u{301}", "-1", "+1", ".5", "=", "<<", "|", ">",
        "a:", "12a", "y",
        "https://a.example/?q=1&b=%20", "Küche <a@b.example>", "a\tb", "\u{1F4EF}", "\u{202E}a", "---", "...", "123abc",
        "1_000",
    ]) func everyTextComesBackAsItWas(text: String) throws {
        let source = SettingsSource(name: "f", directory: "", privacy: .closed)
        let flow = YAMLText.flow(.list([.scalar(text, isQuoted: false), .group([.init(key: text, value: .empty)])]))
        for yaml in ["value: \(YAMLText.scalar(text))\n", "value: \(flow)\n"] {
            let (root, problems) = YAMLTree.read(yaml, source: source)
            #expect(problems.isEmpty, "\(problems) \(yaml)")
            guard let value = root?["value"] else { continue }
            if case .sequence(let items) = value.content {
                #expect(items.first?.text.map { Array($0.utf8) } == Array(text.utf8))
                #expect(items.last?.pairs.first.map { Array($0.key.utf8) } == Array(text.utf8))
            } else {
                #expect(value.text.map { Array($0.utf8) } == Array(text.utf8), "\(yaml)")
            }
        }
    }

    @Test func theReferenceListsEveryKey() throws {
        let page = SettingsReference.markdown(plugins: try fakePlugins.get())
        for key in [
            "`client`", "`redirect-all`", "`copy-to`", "`enforce`", "`minimum`", "`keep-on-server`", "`folder`",
        ] {
            #expect(page.contains("| \(key) |"))
        }
        #expect(page.contains("| `security` | one of tls, starttls | `tls` | no | How the connection is encrypted."))
        #expect(page.contains("### `outgoing.smtp.tls`"))
        #expect(page.contains("### `functions.NAME`"))
    }

    @Test func dialogsSeeTheDescription() throws {
        let keys = FakeSMTP.Settings.schema.keys
        #expect(keys.map(\.name).prefix(3) == ["host", "port", "security"])
        let security = try #require(FakeSMTP.Settings.schema["security"])
        #expect(security.choices == ["tls", "starttls"])
        #expect(security.defaultText == "tls")
        #expect(FakeSMTP.Settings.schema["host"]?.isRequired == true)
        #expect(FakeSMTP.Settings.schema["password"]?.isSecret == true)
        #expect(FakeSMTP.Settings.schema["tls"]?.nested?.keys.count == 2)
        #expect((FakeSMTP.TLS.schema + FakePOP3.StoreSettings.schema).keys.count == 5)
    }

    @Test func aDocumentPrintsNoPassword() throws {
        var document = try document()
        document.set("outgoing.smtp.password", to: "PosthornSecretCanary")
        var texts = [
            "\(document)", String(reflecting: document), "\(document.root)", String(reflecting: document.root),
        ]
        for value in [document, document.root] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            texts.append(dumped)
        }
        for text in texts { #expect(!text.contains("Canary"), "\(text)") }
        #expect(document.text("outgoing.smtp.password") == "PosthornSecretCanary")
    }
}
