import Foundation
import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct SettingsFileTests {
    static let small = """
        client: planung-3
        use: { outgoing: smtp }
        outgoing:
          smtp: { host: mail.example.org, password: { env: SMTP_PASSWORD } }
        """

    @Test func aGoodFileBecomesSettings() throws {
        let settings = try load(
            """
            client: PLANUNG-3
            sender: { address: "Muster <info@muster.example>", enforce: yes }
            redirect-all: test@muster.example
            use:
              outgoing: [smtp, files]
              incoming: pop3
            outgoing:
              smtp:
                host: mail.muster.example
                port: 587
                security: starttls
                tls: { minimum: 1.3 }
                certificate: client.pem
              files: { plugin: outlook }
              outlook:
            incoming:
              pop3: { host: mail.muster.example, password: { env: SMTP_PASSWORD }, keep-on-server: 14 days }
            functions:
              order: { outgoing: [files], copy-to: a@muster.example, sender: b@muster.example }
              export: {}
            """,
            directory: "/conf"
        )
        #expect(settings.client == "PLANUNG-3")
        #expect(settings.sender?.isEnforced == true)
        #expect(settings.sender?.mailbox.address.description == "info@muster.example")
        #expect(settings.redirectAll?.description == "test@muster.example")
        #expect(settings.defaultOutgoing == ["smtp", "files"])
        #expect(settings.defaultIncoming == "pop3")
        #expect(settings.outgoing.map(\.name) == ["smtp", "files", "outlook"])
        #expect(settings.outgoing.map(\.plugin.identifier) == ["smtp", "outlook", "outlook"])
        let smtp = try #require(settings.outgoing.first?.settings as? FakeSMTP.Settings)
        #expect(smtp.port == 587)
        #expect(smtp.security == .starttls)
        #expect(smtp.tls.minimum == "1.3")
        #expect(smtp.timeout == .seconds(300))
        #expect(smtp.certificate == "/conf/client.pem")
        let pop = try #require(settings.incoming.first?.settings as? FakePOP3.StoreSettings)
        #expect(pop.keep == .seconds(14 * 86_400))
        let order = try #require(settings.functions["order"])
        #expect(order.outgoing == ["files"])
        #expect(order.copyTo.map(\.description) == ["a@muster.example"])
        #expect(order.sender?.isEnforced == false)
        #expect(settings.functions["export"] == FunctionSettings())
    }

    @Test func effectiveValuesHaveTheirOrigin() throws {
        let settings = try load(Self.small)
        func entry(_ path: String) -> SettingsEntry? { settings.entries.first { $0.path == path } }
        #expect(entry("client")?.text == "planung-3")
        #expect(entry("client")?.source == "planung-3.yaml:1:9")
        #expect(entry("use.outgoing")?.text == "smtp" || entry("use.outgoing")?.text == "[smtp]")
        #expect(entry("outgoing.smtp.host")?.source == "planung-3.yaml:4:17")
        #expect(entry("outgoing.smtp.password")?.text == "<secret from env SMTP_PASSWORD>")
        #expect(entry("outgoing.smtp.security")?.text == "tls")
        #expect(entry("outgoing.smtp.security")?.source == "default")
        #expect(entry("outgoing.smtp.timeout")?.text == "5 min")
        #expect(entry("outgoing.smtp.tls.minimum")?.text == "1.2")
        #expect(entry("outgoing.smtp.plugin")?.text == "smtp")
        #expect(entry("outgoing.smtp.port") == nil)
        #expect(entry("outgoing.smtp.host")?.help == "The server.")
    }

    @Test func aFileCopiedFromAnotherClientIsNoticed() {
        let messages = complaints { try load(Self.small, running: "planung-7") }
        #expect(messages.count == 1)
        #expect(
            messages.first?.hasPrefix(
                "planung-3.yaml:1:9: client: the file is for the client 'planung-3', but this is 'planung-7'; it seems to "
                    + "have been copied from another workstation."
            ) == true
        )
        #expect(complaints { try load(Self.small, running: "PLANUNG-3") }.isEmpty)
        #expect(complaints { try load(Self.small, running: "planung-3.kuechen.example") }.isEmpty)
        #expect(
            complaints { try load(Self.small.replacing("client: planung-3", with: "")) }.first?.contains("missing")
                == true
        )
    }

    @Test func theFileOfAClientIsFoundByItsNameAndNoOther() throws {
        let directory = try TemporaryDirectory()
        try directory.write("planung-3.yaml", Self.small)
        try directory.write("planung-4.yml", Self.small.replacing("planung-3", with: "planung-4"))
        try directory.write("site.yaml", "redirect-all: test@muster.example\n")
        try directory.write("planung-9.yaml", Self.small)
        #expect(try load(.client("planung-3", in: directory.path)).files == ["\(directory.path)/planung-3.yaml"])
        #expect(try load(.client("planung-4", in: directory.path)).client == "planung-4")
        #expect(
            complaints { try load(.client("planung-44", in: directory.path)) } == [
                "there is no settings file for the client 'planung-44' in '\(directory.path)'; there are: planung-3, "
                    + "planung-4, planung-9 (did you mean 'planung-4'?)"
            ]
        )
        // A file under one client's name that says another one was copied, whatever this machine is called.
        #expect(
            complaints { try load(.client("planung-9", in: directory.path)) }.first?.contains(
                "is for the client 'planung-3', but this is 'planung-9'"
            ) == true
        )
        for name in ["../planung-3", "a/b", "", "..", ".hidden", "a\0b", "a\\b"] {
            #expect(
                complaints { try load(.client(name, in: directory.path)) }.first?.contains("is not a client's name")
                    == true
            )
        }
        #expect(SettingsFile.client("a", in: "/d").searchPaths == ["/d/a.yaml", "/d/a.yml"])
    }

    @Test func aMissingOrUnreadableFileIsSaidToBe() throws {
        let directory = try TemporaryDirectory()
        #expect(complaints { try load(.file("\(directory.path)/no.yaml")) }.first?.contains("does not exist") == true)
        #expect(complaints { try load(.file(directory.path)) }.first?.contains("is not a regular file") == true)
        try Data([0x63, 0x3A, 0x20, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: "\(directory.path)/latin.yaml"))
        #expect(
            complaints { try load(.file("\(directory.path)/latin.yaml")) } == [
                "\(directory.path)/latin.yaml:1:4: the file is not UTF-8 here; save it as UTF-8"
            ]
        )
        try directory.write("huge.yaml", String(repeating: "# too much\n", count: 100_000))
        #expect(
            complaints { try load(.file("\(directory.path)/huge.yaml")) }.first?.contains("larger than 1024 KiB")
                == true
        )
        try directory.write("marked.yaml", "\u{FEFF}" + Self.small)
        #expect(complaints { try load(.file("\(directory.path)/marked.yaml")) }.isEmpty)
    }

    @Test func referencesMustBeDefined() {
        #expect(
            complaints { try load("client: planung-3\nuse: { outgoing: [] }\n") } == [
                "planung-3.yaml:2:18: use.outgoing: the list is empty; name at least one, or leave the key out"
            ]
        )
        #expect(
            complaints { try load("client: planung-3\nuse: { incoming: imap }\nfunctions: { a: { outgoing: x } }\n") }
                == [
                    "planung-3.yaml:2:18: use.incoming: no store 'imap' is defined under 'incoming'; nothing is defined there",
                    "planung-3.yaml:3:29: functions.a.outgoing: no transport 'x' is defined under 'outgoing'; nothing is "
                        + "defined there",
                ]
        )
    }

    @Test func aPluginOfTheOtherDirectionHasItsOwnSentence() {
        #expect(
            complaints { try load("client: planung-3\noutgoing: { pop3: {} }\nincoming: { a: { plugin: smtp } }\n") }
                == [
                    "planung-3.yaml:2:13: outgoing.pop3: the plugin 'pop3' fetches mail and cannot send; write it under "
                        + "'incoming'",
                    "planung-3.yaml:3:26: incoming.a: the plugin 'smtp' sends mail and cannot fetch; write it under 'outgoing'",
                ]
        )
        #expect(
            complaints { try load("client: planung-3\noutgoing: { smpt: {} }\n") }.first?.contains(
                "did you mean 'smtp'?"
            ) == true
        )
    }

    @Test func mistakesOfSeveralKeysAreReportedAtTheKey() {
        #expect(
            complaints { try load("client: planung-3\noutgoing:\n  smtp:\n    host: a\n    port: 25\n") } == [
                "planung-3.yaml:5:11: outgoing.smtp.port: port 25 is for servers; use 465 or 587"
            ]
        )
    }
}
