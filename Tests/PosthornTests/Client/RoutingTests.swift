import Posthorn
import PosthornTesting
import TestSupport
import Testing

@Suite("The client object chooses the way by the settings file", .computing)
struct RoutingTests {
    @Test("The first transport that takes the message is the only one")
    func first() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        let receipt = try await fixture.mail.send(rawMessage())
        #expect(receipt.transport == "first")
        #expect(receipt.failedAttempts.isEmpty)
        #expect(receipt.isComplete)
        #expect(fixture.sent(by: "first").count == 1)
        #expect(fixture.memory.transport("second").attempts == 0)
    }

    @Test("A transport that certainly did not take the message gives way to the next, under the same Message-ID")
    func fallBack() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        fixture.memory.transport("first").setAnswer(.failing(MailError(.connectionFailed, "no connection")))
        let receipt = try await fixture.mail.send(rawMessage())
        #expect(receipt.transport == "second")
        #expect(receipt.failedAttempts.map(\.transport) == ["first"])
        #expect(receipt.failedAttempts.first?.error.code == .connectionFailed)
        let message = try #require(fixture.sent(by: "second").first)
        #expect(try await field("Message-ID", of: message) == receipt.messageID)
        #expect(message.messageID == receipt.messageID)
    }

    @Test(
        "A message that may have been taken, or was refused for good, is never given to another transport",
        arguments: [DeliveryCertainty.unknown, .rejected]
    )
    func noFallBack(_ certainty: DeliveryCertainty) async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        fixture.memory.transport("first").setAnswer(.failing(MailError(.refused, "no", certainty: certainty)))
        let error = await #expect(throws: MailError.self) { try await fixture.mail.send(rawMessage()) }
        #expect(error?.certainty == certainty)
        #expect(error?.account == "first")
        #expect(fixture.memory.transport("second").attempts == 0)
    }

    @Test("An error that is no MailError leaves the outcome unknown")
    func strangeError() async throws {
        struct Strange: Error {}
        struct StrangePlugin: OutgoingPlugin {
            struct Settings: PluginSettings {
                static let schema = SettingsSchema()
                init(_ values: SettingsValues) throws {}
            }
            struct Transport: OutgoingTransport {
                func send(_ request: SendRequest) async throws -> SendReceipt { throw Strange() }
            }
            let identifier = "strange"
            let summary = "Fails."
            func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
                Transport()
            }
        }
        let memory = InMemoryPlugin()
        let yaml = """
            client: test
            sender: info@kuechen.example
            use: { outgoing: [strange, memory] }
            outgoing: { strange: {}, memory: {} }
            """
        let mail = try await PosthornClient(
            settings: .text(yaml),
            plugins: [StrangePlugin(), memory],
            client: "test"
        )
        let error = await #expect(throws: MailError.self) { try await mail.send(rawMessage()) }
        #expect(error?.certainty == .unknown)
        #expect(memory.transport().attempts == 0)
    }

    @Test("When no transport took the message, the error names each and its reason")
    func allFailed() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        fixture.memory.transport("first").setAnswer(.failing(MailError(.connectionFailed, "no line to A")))
        fixture.memory.transport("second").setAnswer(.failing(MailError(.timedOut, "B is silent")))
        let error = try #require(await #expect(throws: MailError.self) { try await fixture.mail.send(rawMessage()) })
        #expect(error.description.contains("first: no line to A"))
        #expect(error.description.contains("second: B is silent"))
        #expect(error.certainty == .notTaken)
        #expect(error.isRetryable)
    }

    @Test("When the last transport may have the message, nobody is told that none took it")
    func lastIsUnknown() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        fixture.memory.transport("first").setAnswer(.failing(MailError(.connectionFailed, "no line to A")))
        fixture.memory.transport("second").setAnswer(
            .failing(MailError(.outcomeUnknown, "B may have it", certainty: .unknown))
        )
        let error = try #require(await #expect(throws: MailError.self) { try await fixture.mail.send(rawMessage()) })
        #expect(error.certainty == .unknown)
        #expect(error.description == "second: B may have it")
        #expect(error.failedAttempts.map(\.transport) == ["first"])
    }

    @Test("A function goes its own way; one that the settings do not list goes the default way")
    func functions() async throws {
        let fixture = try await ClientFixture(
            ClientFixture.two + "\nfunctions: { export: { outgoing: second } }"
        )
        #expect(try await fixture.mail.send(rawMessage(), for: "export").transport == "second")
        #expect(try await fixture.mail.send(rawMessage(), for: "order").transport == "first")
        #expect(try await fixture.mail.send(rawMessage()).transport == "first")
    }

    @Test("A content that can be read only once is not tried twice")
    func notReplayable() async throws {
        struct Once: ContentSource {
            let isReplayable = false
            func facts(for form: ContentForm) async throws -> ContentFacts {
                ContentFacts(size: nil, transfer: .sevenBit, needsUTF8Headers: false)
            }
            func makeReader(for form: ContentForm) async throws -> any ContentReader {
                try await MessageContent.text("From: a@example.org\r\n\r\nx").makeReader()
            }
        }
        struct OnceMessage: MailMessage {
            func prepare(_ context: MessageContext) async throws -> PreparedMessage {
                let address = try EmailAddress("a@example.org")
                return PreparedMessage(
                    envelope: Envelope(sender: address, recipients: [address]),
                    content: MessageContent(Once()),
                    messageID: "<1@example.org>",
                    header: HeaderFields()
                )
            }
        }
        let fixture = try await ClientFixture(ClientFixture.two)
        fixture.memory.transport("first").setAnswer(.failing(MailError(.connectionFailed, "no")))
        await #expect(throws: MailError.self) { try await fixture.mail.send(OnceMessage()) }
        #expect(fixture.memory.transport("second").attempts == 0)
    }

    @Test("A cancelled task sends nothing and says so")
    func cancelled() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        let mail = fixture.mail
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await mail.send(rawMessage())
        }
        let error = await #expect(throws: MailError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.certainty == .notTaken)
        #expect(fixture.memory.transport("first").sent.isEmpty)
        #expect(fixture.memory.transport("second").attempts == 0)
    }

    @Test("An attachment that cannot be read is an error before any transport is asked")
    func unreadable() async throws {
        let fixture = try await ClientFixture(ClientFixture.two)
        let error = await #expect(throws: MailError.self) {
            try await fixture.mail.send(RawMessage(file: "/nonexistent/message.eml"))
        }
        #expect(error?.code == .contentUnavailable)
        #expect(fixture.memory.transport("first").attempts == 0)
    }

    @Test("Transports and stores are reached by name and type")
    func typedAccess() async throws {
        let fixture = try await ClientFixture(
            "use: { outgoing: memory, incoming: memory }\noutgoing: { memory: {} }\nincoming: { memory: {} }"
        )
        #expect(try fixture.mail.transport("memory", as: InMemoryTransport.self) === fixture.memory.transport())
        #expect(try fixture.mail.store("memory", as: InMemoryStore.self) === fixture.memory.store())
        #expect(try fixture.mail.store() as? InMemoryStore === fixture.memory.store())
        let unknown = #expect(throws: MailError.self) { try fixture.mail.transport("smtp") }
        #expect(unknown?.description.contains("configured: memory") == true)
        let wrong = #expect(throws: MailError.self) { try fixture.mail.transport("memory", as: String.self) }
        #expect(wrong?.code == .misuse)
    }

    @Test("What a host's own message or source throws is a MailError that tells its type alone")
    func foreignErrors() async throws {
        struct Foreign: Error { let text = "PosthornSecretCanary" }
        struct Source: ContentSource {
            func facts(for form: ContentForm) async throws -> ContentFacts { throw Foreign() }
            func makeReader(for form: ContentForm) async throws -> any ContentReader { throw Foreign() }
        }
        struct Own: MailMessage {
            let isPrepared: Bool
            func prepare(_ context: MessageContext) async throws -> PreparedMessage {
                guard isPrepared else { throw Foreign() }
                return PreparedMessage(
                    envelope: Envelope(sender: nil, recipients: [try EmailAddress("a@example.org")]),
                    content: MessageContent(Source()),
                    messageID: "<1@example.org>",
                    header: HeaderFields()
                )
            }
        }
        let fixture = try await ClientFixture(ClientFixture.two)
        for (isPrepared, code) in [(false, MailError.Code.invalidMessage), (true, .contentUnavailable)] {
            let error = await #expect(throws: MailError.self) {
                try await fixture.mail.send(Own(isPrepared: isPrepared))
            }
            #expect(error?.code == code)
            #expect(error?.message.contains("(Foreign)") == true)
            #expect(error?.message.contains("Canary") == false)
        }
        #expect(fixture.memory.transport("first").attempts == 0)
    }
}
