import Posthorn
import PosthornTesting
import Testing

@testable import PosthornPOP3

@Suite struct POP3SettingsTests {
    private func settings(_ more: String) throws -> POP3Settings {
        try makeStore(port: 995, "username: info, password: { env: PATH }, " + more, security: "tls")
            .settings
    }

    @Test(arguments: [
        ("no", FetchPolicy.Keeping.no), ("yes", .yes), ("14 days", .days(14)), ("1 day", .days(1)), ("0 days", .no),
    ])
    func `How long messages stay is said in words`(text: String, keeping: FetchPolicy.Keeping) throws {
        #expect(try settings("keep-on-server: \(text)").fetchPolicy.keepOnServer == keeping)
    }

    @Test(arguments: ["14", "some days", "-1 days", "99999 days", "14 weeks", "\"\""])
    func `Anything else is a mistake with its place`(text: String) {
        let error = #expect(throws: SettingsError.self) { try settings("keep-on-server: \(text)") }
        #expect(error?.description.contains("incoming.pop3.keep-on-server") == true)
    }

    @Test func `Nothing is deleted unless the settings say so`() throws {
        let plain = try settings("messages-in-flight: 5")
        #expect(plain.fetchPolicy == FetchPolicy(keepOnServer: .yes))
        #expect(plain.messagesInFlight == 5)
        let full = try settings(
            "maximum-message-size: 10 MB, messages-per-round: 7, octets-per-round: 1 GB, language: de"
        )
        #expect(full.fetchPolicy.maximumMessageSize == 10_000_000)
        #expect(full.fetchPolicy.maximumMessages == 7)
        #expect(full.fetchPolicy.maximumOctets == 1_000_000_000)
        #expect(full.language == "de")
    }

    @Test func `Mistakes are told before anybody is contacted`() {
        for text in ["language: 'de\\r\\nQUIT'", "ignored-capabilities: [STLS]", "ignored-capabilities: [SASL]"] {
            #expect(throws: SettingsError.self) { try settings(text) }
        }
        let plain = #expect(throws: SettingsError.self) {
            try SettingsFile.text(
                "client: test\nincoming: { pop3: { host: mail.example.org, security: none, username: x, password: { env: PATH } } }"
            ).load(plugins: PluginRegistry([POP3Plugin()]), runningClient: "test")
        }
        #expect(plain?.description.contains("'none' is for servers on this computer alone") == true)
    }

    @Test func `An account is named for its records`() throws {
        #expect(
            try makeStore(port: 995, "username: info, password: { env: PATH }", security: "tls").fetchAccount
                == "pop3:info@localhost"
        )
        #expect(
            try makeStore(port: 4_995, "username: info, password: { env: PATH }", security: "tls").fetchAccount
                == "pop3:info@localhost:4995"
        )
    }
}

@Suite struct POP3NobodyTests {
    @Test func `An account without a user says so when it is used, and not before`() async throws {
        try await POP3TestServer.withServer { server in
            let store = try makeStore(port: server.port)
            let error = await #expect(throws: MailError.self) {
                try await store.withSession { try await $0.messages() }
            }
            #expect(error?.code == .authenticationUnavailable)
            #expect(error?.message.contains("add `username` and `password`") == true)
        }
    }
}
