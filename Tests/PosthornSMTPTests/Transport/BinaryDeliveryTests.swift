import Foundation
import Posthorn
import PosthornMIME
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// BINARYMIME (RFC 3030): octets travel as they are, where the server takes them and somebody wishes it.
@Suite(.undisturbed) struct BinaryDeliveryTests {
    private static let octets: [UInt8] = {
        var random = SeededGenerator(seed: 5)
        let edges: [UInt8] = [0, 13, 10, 46, 13, 10, 13, 13, 10, 10, 0xFF]
        return edges + (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) } + edges
    }()

    private static func request(_ content: MessageContent, binary: Bool = true) -> SendRequest {
        var request = SendRequest.with(content)
        if binary { request.options[BinaryTransfer.self] = BinaryTransfer() }
        return request
    }

    private static func message() async throws -> MessageContent {
        let message = try Message(
            to: ["b@example.org"],
            subject: "binary",
            text: "Grüße\n",
            attachments: [.bytes(octets, name: "all.bin")]
        )
        return try await message.prepare(MessageContext(defaultSender: try Mailbox("a@example.org"))).content
    }

    private static let binary = ContentForm(transfer: .binary, allowsUTF8Headers: false)
    private static let eightBit = ContentForm(transfer: .eightBit, allowsUTF8Headers: false)

    private func withServer(
        without missing: Set<SMTPServerExtension> = [],
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.extensions.subtract(missing)
        try await SMTPTestServer.withServer(configuration) { server in
            try await body(server, try makeTransport(port: server.port, "messages-per-connection: 10"))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    /// Whether octets stand somewhere in others.
    private func contains(_ octets: [UInt8], _ part: [UInt8]) -> Bool {
        octets.indices.contains { start in
            octets[start] == part[0] && octets[start...].starts(with: part)
        }
    }

    @Test func `a binary attachment travels as it is where that is wished for and offered`() async throws {
        for missing in [Set<SMTPServerExtension>(), [.pipelining]] {
            try await withServer(without: missing) { server, transport in
                let content = try await Self.message()
                let receipt = try await transport.send(Self.request(content))
                #expect(receipt.isComplete && receipt.ignoredOptions.isEmpty)
                let message = try #require(server.messages.first)
                #expect(message.bytes == (try await content.collect(for: Self.binary, upTo: 1 << 20)))
                #expect(contains(message.bytes, Self.octets))
                #expect(message.parameters["BODY"] == "BINARYMIME" && message.usedChunking)
                #expect(message.parameters["SIZE"] == "\(message.bytes.count)")
                // And the next message is an ordinary one.
                _ = try await transport.send(.small())
                #expect(server.messages[1].parameters["BODY"] == nil)
            }
        }
    }

    @Test(arguments: [[SMTPServerExtension.binaryMIME], [.chunking], [.chunking, .binaryMIME]])
    func `where it is not offered the message is encoded, and the receipt says so`(_ missing: [SMTPServerExtension])
        async throws
    {
        try await withServer(without: Set(missing)) { server, transport in
            let content = try await Self.message()
            let receipt = try await transport.send(Self.request(content))
            #expect(receipt.isComplete && receipt.ignoredOptions == ["binary-transfer"])
            let message = try #require(server.messages.first)
            #expect(message.bytes == (try await content.collect(for: Self.eightBit, upTo: 1 << 20)))
            #expect(message.parameters["BODY"] == "8BITMIME" && !contains(message.bytes, Self.octets))

            var required = Self.request(content)
            required.options.require(BinaryTransfer.self, BinaryTransfer())
            let sent = await Sent { try await transport.send(required) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            #expect(server.messages.count == 1)
        }
    }

    @Test func `without the wish nothing is binary`() async throws {
        try await withServer { server, transport in
            let content = try await Self.message()
            let receipt = try await transport.send(Self.request(content, binary: false))
            #expect(receipt.ignoredOptions.isEmpty)
            #expect(server.messages.first?.parameters["BODY"] == "8BITMIME")
        }
    }

    /// Ready messages that are no lines of text.
    static let ready: [[UInt8]] = [
        Array("Subject: NUL\r\n\r\na".utf8) + [0] + Array("b\r\n".utf8),
        Array("Subject: long\r\n\r\n\(String(repeating: "x", count: 5_000))".utf8),
        Array("Subject: both, and line ends of any kind\r\n\r\n\n\r\r\n.\r\n".utf8) + octets,
        Array("Subject: more than travels at once\r\n\r\n".utf8) + (0..<20).flatMap { _ in octets },
    ]

    @Test(arguments: ready.indices)
    func `a ready message that is no text travels as it is where that is offered`(_ number: Int) async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.ready[number], to: "ready.eml")
        for missing in [Set<SMTPServerExtension>(), [.pipelining]] {
            try await withServer(without: missing) { server, transport in
                for content in [MessageContent.bytes(Self.ready[number]), .file(file.path)] {
                    let receipt = try await transport.send(Self.request(content, binary: false))
                    #expect(receipt.isComplete)
                    let message = try #require(server.messages.last)
                    #expect(message.bytes == Self.ready[number])
                    #expect(message.parameters["BODY"] == "BINARYMIME")
                }
                #expect(server.messages.count == 2)
            }
        }
    }

    @Test(arguments: ready.indices, [SMTPServerExtension.binaryMIME, .chunking])
    func `a ready message that is no text is refused where that is not offered`(
        _ number: Int,
        _ missing: SMTPServerExtension
    ) async throws {
        try await withServer(without: [missing]) { server, transport in
            let bad = Self.request(.bytes(Self.ready[number]), binary: false)
            let outcomes = await transport.send(SendBatch([.small(), bad, .small()]))
            #expect(outcomes.map(\.end) == ["accepted", "notTaken", "accepted"], "\(outcomes)")
            #expect(outcomes[1].error?.code == .unsupported)
            #expect(server.messages.count == 2 && server.connections.count == 1)
        }
    }

    @Test func `a header whose line ends are not those of mail cannot travel as it is`() async throws {
        try await withServer { server, transport in
            let content = MessageContent.bytes(Array("Subject: x\nTo: b@example.org\n\na".utf8) + [0])
            let sent = await Sent { try await transport.send(Self.request(content, binary: false)) }
            #expect(sent.error?.code == .unsupported && sent.certainty == .notTaken, "\(sent)")
            #expect(server.messages.isEmpty)
        }
    }
}
