import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Messages that arrive: against the strict server of PosthornTesting.
@Suite(.undisturbed) struct DeliveryTests {
    private func withServer(
        _ configuration: SMTPServerConfiguration = SMTPServerConfiguration(),
        settings: String = limits(60_000),
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        try await SMTPTestServer.withServer(configuration) { server in
            try await body(server, try makeTransport(port: server.port, settings))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    private static func content(_ body: [UInt8]) -> [UInt8] { Array("Subject: x\r\n\r\n".utf8) + body }

    /// What must arrive: every line end as CRLF.
    private func normalized(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for (index, octet) in input.enumerated() {
            switch octet {
            case 13: output += [13, 10]
            case 10 where index > 0 && input[index - 1] == 13: break
            case 10: output += [13, 10]
            default: output.append(octet)
            }
        }
        return output.suffix(2) == [13, 10] ? output : output + [13, 10]
    }

    // MARK: Content

    @Test(arguments: [
        "", "plain\r\n", "no end", ".", "..", ".\r\n", "a\r\n.\r\nb", "a\n.\nb\n", "a\r.\rb\r", "a\n.\r\nb",
        "a\r\n.\nb",
        "\r\n.\r\r\n.\r\n", "a\rb\nc\r\nd", "\r\r\r", "\n\n\n", "a\r\n\r\n.\r\nMAIL FROM:<evil@example.org>\r\n",
        "a\n.\nMAIL FROM:<evil@example.org>\nRCPT TO:<x@example.org>\nDATA\n", "tab\tand \u{7F}\u{1B}[2J\r\n",
    ])
    func `line ends and dots arrive as they were meant`(_ body: String) async throws {
        for hasPipelining in [true, false] {
            var configuration = SMTPServerConfiguration()
            if !hasPipelining { configuration.extensions.remove(.pipelining) }
            try await withServer(configuration) { server, transport in
                let content = Self.content(Array(body.utf8))
                let receipt = try await transport.send(.with(.bytes(content)))
                #expect(receipt.isComplete)
                let messages = try await server.waitForMessages(count: 1)
                #expect(messages.count == 1)
                #expect(messages[0].bytes == normalized(content))
                #expect(messages[0].violations.isEmpty, "\(messages[0].violations)")
                #expect(receipt.remoteQueueID == messages[0].queueID)
            }
        }
    }

    @Test func `a hundred random messages arrive to the octet`() async throws {
        var random = SeededGenerator(seed: 99)
        try await withServer { server, transport in
            for number in 0..<100 {
                let body = (0..<Int.random(in: 0...3_000, using: &random)).map { _ -> UInt8 in
                    [13, 10, 46, 32, 65, 66, 0xC3, 0xA4].randomElement(using: &random) ?? 65
                }
                let content = Self.content(body)
                _ = try await transport.send(.with(.bytes(content)))
                let messages = try await server.waitForMessages(count: number + 1)
                #expect(messages.last?.bytes == normalized(content))
            }
        }
    }

    @Test func `8-bit text travels where it may and is refused where it may not`() async throws {
        let content = Self.content(Array("Grüße aus Köln\r\n".utf8))
        try await withServer { server, transport in
            _ = try await transport.send(.with(.bytes(content)))
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.bytes == content && message.parameters["BODY"] == "8BITMIME")
            #expect(message.parameters["SIZE"] == "\(content.count)")
        }
        var old = SMTPServerConfiguration()
        old.extensions = []
        try await withServer(old) { server, transport in
            let sent = await Sent { try await transport.send(.with(.bytes(content))) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            #expect(server.messages.isEmpty)
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections.allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        }
    }

    @Test(arguments: [
        String(repeating: "x", count: 999), String(repeating: "x", count: 2_000_000), "a\u{0}b",
    ])
    func `what SMTP cannot carry is refused before MAIL`(_ body: String) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.extensions.remove(.binaryMIME)
        try await withServer(configuration) { server, transport in
            let sent = await Sent { try await transport.send(.small("Subject: x\r\n\r\n\(body)\r\n")) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections.allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        }
    }

    @Test func `a line of 998 octets is carried`() async throws {
        let content = Self.content(Array(repeating: UInt8(ascii: "x"), count: 998) + [13, 10])
        try await withServer { server, transport in
            _ = try await transport.send(.with(.bytes(content)))
            #expect(try await server.waitForMessages(count: 1)[0].bytes == content)
        }
    }

    @Test func `international addresses and headers`() async throws {
        let content = MessageContent.text("Subject: Grüße\r\n\r\nhi\r\n")
        try await withServer { server, transport in
            _ = try await transport.send(.with(content, to: ["käthe@bücher.example", "b@grüße.example"]))
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.recipients.map(\.address) == ["käthe@xn--bcher-kva.example", "b@xn--gre-6ka8l.example"])
            #expect(message.parameters.keys.contains("SMTPUTF8"))
        }
        var ascii = SMTPServerConfiguration()
        ascii.extensions.remove(.smtpUTF8)
        try await withServer(ascii) { server, transport in
            let sent = await Sent { try await transport.send(.small(to: ["b@example.org", "käthe@bücher.example"])) }
            #expect(sent.error?.code == .invalidAddress, "\(sent)")
            #expect(sent.error?.message.contains("käthe@bücher.example") == true)
            #expect(server.messages.isEmpty)
        }
    }

    @Test func `a message of 12 megabytes arrives, with progress`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.limits.keptPerMessage = 1_000
        try await withServer(configuration) { server, transport in
            var request = SendRequest.large(12 << 20)
            let (updates, continuation) = AsyncStream.makeStream(of: TransferProgress.Update.self)
            request.progress = TransferProgress { continuation.yield($0) }
            _ = try await transport.send(request)
            continuation.finish()
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.size == 12 << 20)
            var last = TransferProgress.Update(completed: 0, total: nil)
            for await update in updates {
                #expect(update.completed >= last.completed)
                last = update
            }
            #expect(last == TransferProgress.Update(completed: 12 << 20, total: 12 << 20))
        }
    }

    // MARK: Limits of the server

    @Test func `a message that is too large is not even begun`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.limits.message = 100_000
        try await withServer(configuration) { server, transport in
            let sent = await Sent { try await transport.send(.large(200_000)) }
            #expect(sent.error?.code == .tooLarge && sent.certainty == .rejected, "\(sent)")
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.connections[0].commands.map { $0.prefix(4) } == ["EHLO", "QUIT"])
        }
    }

    // MARK: Receipts

    @Test func `a refused recipient is data, in the order of the envelope`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.rules.refuseRecipient("gone@example.org", with: "550 5.1.1 No such mailbox")
        configuration.rules.refuseRecipient("full@example.org", with: "452 4.2.2 Mailbox full")
        try await withServer(configuration) { server, transport in
            let receipt = try await transport.send(
                .small(to: ["a@example.org", "gone@example.org", "b@example.org", "full@example.org"])
            )
            #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForGood, .accepted, .rejectedForNow])
            #expect(receipt.recipients[1].reply?.enhancedStatus == EnhancedStatus(5, 1, 1))
            #expect(receipt.recipients[3].reply?.text == "Mailbox full")
            #expect(!receipt.isComplete && receipt.failedRecipients.count == 2)
            #expect(receipt.kind.isAcceptedByServer && receipt.messageID == "<test@example.org>")
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(receipt.remoteQueueID == message.queueID)
            #expect(message.recipients.map(\.address) == ["a@example.org", "b@example.org"])
        }
    }

    @Test func `when all recipients are refused nobody has the message`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.rules.onRecipient = { _ in "550 5.1.1 No such mailbox" }
        try await withServer(configuration) { server, transport in
            let sent = await Sent { try await transport.send(.small(to: ["a@example.org", "b@example.org"])) }
            #expect(sent.certainty == .rejected && sent.error?.recipients.count == 2, "\(sent)")
            #expect(server.messages.isEmpty)
        }
    }

    @Test func `LMTP has a result for each recipient`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.isLMTP = true
        configuration.rules.onMessage = { _, recipient in
            recipient == "full@example.org" ? "452 4.2.2 Mailbox full" : nil
        }
        try await withServer(configuration, settings: "protocol: lmtp") { server, transport in
            let receipt = try await transport.send(.small(to: ["a@example.org", "full@example.org", "b@example.org"]))
            #expect(receipt.recipients.map(\.status) == [.accepted, .rejectedForNow, .accepted])
        }
    }

    private enum Unknown: SendOption {
        typealias Value = Int
        static let name = "unknown-option"
    }

    @Test func `delivery notifications are asked for, ignored, or required`() async throws {
        try await withServer { server, transport in
            var request = SendRequest.small()
            request.options.require(
                DeliveryNotification.self,
                DeliveryNotification(on: [.success, .failure], returnsFullMessage: false, envelopeID: "order 4711")
            )
            request.options[Unknown.self] = 1
            let receipt = try await transport.send(request)
            #expect(receipt.ignoredOptions == ["unknown-option"])
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.recipients[0].notify == ["FAILURE", "SUCCESS"])
            #expect(message.recipients[0].originalRecipient == "rfc822;b@example.org")
            #expect(message.envelopeID == "order 4711" && message.parameters["RET"] == "HDRS")
        }
        var without = SMTPServerConfiguration()
        without.extensions.remove(.deliveryStatusNotification)
        try await withServer(without) { server, transport in
            var request = SendRequest.small()
            request.options[DeliveryNotification.self] = DeliveryNotification(on: [.failure])
            #expect(try await transport.send(request).ignoredOptions == ["delivery-notification"])
            request.options.require(DeliveryNotification.self, DeliveryNotification(on: [.failure]))
            let required = request
            let sent = await Sent { try await transport.send(required) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            await transport.close()
            try await server.waitForDisconnects()
            #expect(server.messages.count == 1)
            #expect(server.connections[1].commands.map { $0.prefix(4) } == ["EHLO", "QUIT"])
        }
    }

    // MARK: Many

    @Test(arguments: [true, false])
    func `a thousand recipients`(_ isPipelined: Bool) async throws {
        var configuration = SMTPServerConfiguration()
        if !isPipelined { configuration.extensions.remove(.pipelining) }
        configuration.rules.refuseRecipient("r500@example.org")
        try await withServer(configuration) { server, transport in
            let receipt = try await transport.send(.small(to: (0..<1_000).map { "r\($0)@example.org" }))
            #expect(receipt.recipients.count == 1_000 && receipt.failedRecipients.count == 1)
            #expect(try await server.waitForMessages(count: 1)[0].recipients.count == 999)
        }
    }

    @Test func `a slow server with long replies to many pipelined recipients does not lock up`() async throws {
        let count = 4_000
        let long = "250 2.1.5 " + String(repeating: "x", count: 1_500) + "\r\n"
        var script: [TranscriptStep] = [
            .send("220 t\r\n"), .expect("EHLO"), .send("250-t\r\n250 PIPELINING\r\n"), .pause(.milliseconds(200)),
            .expect("MAIL"), .send("250 ok\r\n"),
        ]
        for number in 0..<count {
            script += [.expect("RCPT TO:<r\(number)@"), .send(long)]
            if number % 500 == 0 { script.append(.pause(.milliseconds(20))) }
        }
        script += [.expect("DATA"), .send("354 go\r\n"), .receive(through: "\r\n.\r\n"), .send("250 done\r\n")]
        let server = try TranscriptServer(script)
        let transport = try makeTransport(port: server.port, limits(60_000))
        let receipt = try await transport.send(.small(to: (0..<count).map { "r\($0)@example.org" }))
        #expect(receipt.isComplete && receipt.recipients.count == count)
        try await server.finished()
    }

    @Test func `fifty tasks send over one transport at once`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.users = ["info": "secret"]
        configuration.requiresAuthentication = true
        try await SMTPTestServer.withServer(configuration) { server in
            let transport = try makeTransport(
                port: server.port,
                "username: info, password: secret, tls: { trust: '\(try #require(server.authorityFile))' }, "
                    + limits(60_000),
                security: "tls"
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let request = SendRequest.small(
                            to: ["r\(number)@example.org"],
                            "Subject: n\(number)\r\n\r\nx\r\n"
                        )
                        let receipt = try await transport.send(request)
                        #expect(receipt.isComplete)
                    }
                }
                try await group.waitForAll()
            }
            let messages = try await server.waitForMessages(count: 50)
            #expect(Set(messages.map { $0.recipients[0].address }).count == 50)
            for message in messages {
                let number = message.recipients[0].address.dropFirst().prefix { $0 != "@" }
                #expect(message.text.hasPrefix("Subject: n\(number)\r\n"))
            }
            #expect(server.violations.isEmpty)
        }
    }

    // MARK: The contract

    @Test(arguments: ["none", "starttls", "tls"])
    func `the transport keeps the contract of transports`(_ security: String) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security == "tls" ? .implicitTLS : security == "starttls" ? .startTLS : .none
        configuration.users = ["info": "PosthornSecretCanary"]
        configuration.requiresAuthentication = true
        configuration.rules.refuseRecipient("refused@example.org")
        try await SMTPTestServer.withServer(configuration) { server in
            let trust = server.authorityFile.map { ", tls: { trust: '\($0)' }" } ?? ""
            let port = server.port
            var suite = try TransportConformance {
                try makeTransport(
                    port: port,
                    "username: info, password: PosthornSecretCanary, \(limits(30_000))\(trust)",
                    security: security
                )
            }
            suite.refusedRecipient = address("refused@example.org")
            suite.secrets = ["PosthornSecretCanary"]
            suite.largeContentSize = 6 << 20
            suite.delivered = {
                server.messages.map {
                    DeliveredMessage(sender: $0.sender, recipients: $0.recipients.map(\.address), bytes: $0.bytes)
                }
            }
            try await suite.run()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }
}
