import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// What goes wrong with one message or one connection touches no other.
@Suite(.undisturbed) struct PoolFaultTests {
    private static let one = "connections: 1, messages-per-connection: 1000, " + limits(60_000)

    private func withServer(
        _ faults: [SMTPServerFault] = [],
        without missing: Set<SMTPServerExtension> = [],
        settings: String = PoolFaultTests.one,
        _ change: (inout SMTPServerConfiguration) -> Void = { _ in },
        _ body: (SMTPTestServer, SMTPTransport) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.faults = faults
        configuration.extensions.subtract(missing)
        change(&configuration)
        try await SMTPTestServer.withServer(configuration) { server in
            try await body(server, try makeTransport(port: server.port, settings))
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    // MARK: Refusals

    static let carriages: [Set<SMTPServerExtension>] = [
        [], [.pipelining], [.chunking], [.chunking, .pipelining], [.enhancedStatusCodes],
    ]

    @Test(arguments: carriages)
    func `refusals in the middle of a batch touch no other message`(_ missing: Set<SMTPServerExtension>) async throws {
        try await withServer(without: missing) {
            $0.rules.refuseRecipient("gone@example.org")
            $0.rules.refuseRecipient("busy@example.org", with: "450 4.2.1 busy")
            $0.rules.refuseSender("evil@example.org")
            $0.rules.onMessage = { message, _ in
                if message.text.contains("bad") { return "554 5.7.1 not this" }
                return message.text.contains("later") ? "451 4.3.0 later" : nil
            }
        } _: { server, transport in
            var requests: [SendRequest] = []
            var expected: [String] = []
            for round in 0..<6 {
                for kind in 0..<8 {
                    var request = Numbered.request(round * 8 + kind)
                    switch kind {
                    case 1: request = .small(to: ["gone@example.org"])
                    case 2: request.envelope.sender = address("evil@example.org")
                    case 3: request = .small("Subject: bad\r\n\r\nhi\r\n")
                    case 4: request = .small(to: ["gone@example.org", "busy@example.org"])
                    case 5: request = .small("Subject: later\r\n\r\nhi\r\n")
                    case 6: request.envelope.recipients.append(address("gone@example.org"))
                    default: break
                    }
                    requests.append(request)
                    expected.append(kind == 0 || kind > 5 ? "accepted" : kind < 4 ? "rejected" : "notTaken")
                }
            }
            let outcomes = await transport.send(SendBatch(requests))
            #expect(outcomes.map(\.end) == expected)
            #expect(Numbered.taken(server.messages) == (0..<48).filter { [0, 6, 7].contains($0 % 8) })
            #expect(server.connections.count == 1)
            for (number, outcome) in outcomes.enumerated() where number % 8 == 6 {
                #expect(outcome.receipt?.recipients.map(\.status) == [.accepted, .rejectedForGood])
            }
        }
    }

    // MARK: Connections that break

    @Test(arguments: carriages)
    func `421 in the middle of a batch sends the rest over another connection`(_ missing: Set<SMTPServerExtension>)
        async throws
    {
        let faults = [
            SMTPServerFault.at(.mail, .nth(5), .answer("421 4.3.2 going down")).onConnection(.first),
            .at(.mail, .nth(5), .endAfterReply(.close)).onConnection(.first),
        ]
        try await withServer(faults, without: missing) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<20))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes.compactMap(\.error))")
            #expect(Numbered.taken(server.messages) == Array(0..<20))
            #expect(server.connections.count == 2)
        }
    }

    @Test(arguments: carriages)
    func `a server that says 421 and goes on is not believed`(_ missing: Set<SMTPServerExtension>) async throws {
        let faults = [SMTPServerFault.at(.mail, .nth(5), .answer("421 4.3.2 going down")).onConnection(.first)]
        try await withServer(faults, without: missing) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<20))
            try await server.waitForDisconnects(closing: transport)
            let taken = Numbered.taken(server.messages)
            #expect(Set(taken).count == taken.count, "\(taken)")
            for (number, outcome) in outcomes.enumerated() {
                let isThere = taken.contains(number)
                #expect(outcome.end == "unknown" || (outcome.end == "accepted") == isThere, "\(number): \(outcome)")
            }
            #expect(outcomes[..<4].allSatisfy { $0.end == "accepted" })
        }
    }

    @Test func `a server that says 421 to everything has taken nothing`() async throws {
        let faults =
            [SMTPServerFault.at(.mail, .nth(5), .answer("421 4.3.2 going down")).onConnection(.first)]
            + [SMTPServerFault.Place.rset, .mail, .rcpt, .endOfMessage].map {
                .at($0, .answer("421 4.3.2 still going down")).onConnection(.first).onMessage(.from(5))
            }
        try await withServer(faults + [.at(.mail, .nth(20), .endAfterReply(.close)).onConnection(.first)]) {
            server,
            transport in
            let outcomes = await transport.send(Numbered.batch(0..<20))
            #expect(outcomes.map(\.end) == Array(repeating: "accepted", count: 20))
            #expect(Numbered.taken(server.messages).sorted() == Array(0..<20))
        }
    }

    @Test(arguments: [ServerEnding.close, .cut, .reset])
    func `a connection that breaks in a batch leaves in doubt only what may have been taken`(
        _ ending: ServerEnding
    ) async throws {
        for missing in Self.carriages {
            let faults = [SMTPServerFault.at(.endOfMessage, .nth(5), .end(ending)).onConnection(.first)]
            try await withServer(faults, without: missing) { server, transport in
                let outcomes = await transport.send(Numbered.batch(0..<20))
                try await server.waitForDisconnects(closing: transport)
                let taken = Numbered.taken(server.messages)
                #expect(Set(taken).count == taken.count, "\(taken)")
                for (number, outcome) in outcomes.enumerated() {
                    let isThere = taken.contains(number)
                    #expect(outcome.end == "unknown" || (outcome.end == "accepted") == isThere, "\(number): \(outcome)")
                }
                let unknown = outcomes.count { $0.end == "unknown" }
                // By DATA only the fifth was handed over; in one flight of BDAT all behind it were, too.
                if missing.contains(.chunking) || missing.contains(.pipelining) {
                    #expect(unknown == 1 && outcomes[4].end == "unknown", "\(missing): \(outcomes.map(\.end))")
                } else {
                    #expect(unknown >= 1 && outcomes[..<4].allSatisfy { $0.end != "notTaken" })
                }
            }
        }
    }

    @Test func `messages-in-flight 1 leaves one message in doubt when the connection breaks`() async throws {
        let faults = [SMTPServerFault.at(.endOfMessage, .nth(5), .end(.close)).onConnection(.first)]
        try await withServer(faults, settings: "messages-in-flight: 1, \(Self.one)") { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<20))
            #expect(outcomes.map(\.end) == (0..<20).map { $0 == 4 ? "unknown" : "accepted" })
            #expect(Numbered.taken(server.messages) == Array(0..<20))
        }
    }

    // MARK: Connections that died while they were kept

    @Test(
        arguments: [nil, "421 4.4.2 idle for too long", "250 surplus"],
        [ServerEnding.close, .cut, .reset]
    )
    func `a kept connection that the server has ended is noticed, and the message goes over another`(
        _ word: String?,
        _ ending: ServerEnding
    ) async throws {
        let idle = SMTPServerFault.whenIdle(
            for: .milliseconds(800),
            saying: word.map { SMTPServerReply($0) },
            ending
        ).onMessage(.from(1)).onConnection(.first)
        // By DATA, so that it is the same whether the client has heard of the end already or hears of it at MAIL.
        try await withServer([idle], without: [.chunking]) { server, transport in
            _ = try await transport.send(Numbered.request(0))
            try await eventually("the end of the connection") { server.connections[0].isClosed ? true : nil }
            let outcomes = await transport.send(Numbered.batch(1..<4))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes.compactMap(\.error))")
            #expect(Numbered.taken(server.messages) == Array(0..<4) && server.connections.count == 2)
        }
    }

    @Test(arguments: [SMTPServerFault.Place.mail, .rcpt], [ServerEnding.close, .reset])
    func `a kept connection that ends at the next envelope is replaced`(
        _ place: SMTPServerFault.Place,
        _ ending: ServerEnding
    ) async throws {
        // By DATA, so that the message has not left yet.
        let faults = [SMTPServerFault.at(place, .end(ending)).onMessage(.nth(2)).onConnection(.first)]
        try await withServer(faults, without: [.chunking]) { server, transport in
            _ = try await transport.send(Numbered.request(0))
            let sent = await Sent { try await transport.send(Numbered.request(1)) }
            #expect(sent.receipt?.isComplete == true, "\(sent)")
            #expect(Numbered.taken(server.messages) == [0, 1] && server.connections.count == 2)
        }
    }

    @Test func `a new connection that ends at the first envelope is told and not tried again`() async throws {
        let faults = [SMTPServerFault.at(.mail, .end(.close))]
        try await withServer(faults, without: [.chunking]) { server, transport in
            let sent = await Sent { try await transport.send(Numbered.request(0)) }
            #expect(sent.certainty == .notTaken && sent.error?.isRetryable == true, "\(sent)")
            #expect(server.connections.count == 1 && server.messages.isEmpty)
        }
    }

    @Test func `a server that ends every connection after its first message gets them all, each once`() async throws {
        let faults = [
            SMTPServerFault.at(.mail, .from(2), .answer("421 4.7.0 one at a time")),
            .at(.mail, .from(2), .endAfterReply(.close)),
        ]
        try await withServer(faults) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<12))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes.compactMap(\.error))")
            #expect(Numbered.taken(server.messages).sorted() == Array(0..<12))
        }
    }

    @Test(arguments: carriages)
    func `a server that is restarted loses no message and gets none twice`(_ missing: Set<SMTPServerExtension>)
        async throws
    {
        try await withServer(without: missing) { server, transport in
            var ends: [String] = []
            for round in 0..<5 {
                let outcomes = await transport.send(Numbered.batch((round * 10)..<(round * 10 + 10)))
                ends += outcomes.map(\.end)
                await server.dropConnections()
            }
            let taken = Numbered.taken(server.messages)
            #expect(Set(taken).count == taken.count)
            for (number, end) in ends.enumerated() {
                #expect(end == "accepted" && taken.contains(number) || end == "unknown", "\(number): \(end)")
            }
            // In one flight with its envelope, a message leaves before anybody can know that the connection has ended.
            if missing.contains(.chunking) { #expect(ends.allSatisfy { $0 == "accepted" }) }
        }
    }

    // MARK: Servers that bear less than they say

    @Test func `a server like Dovecot is recognised, and gets one message at a time`() async throws {
        try await withServer([.at(.mailInSameFlight, .end(.close))]) {
            $0.greeting = "220 mail.example.org Dovecot ready."
        } _: { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<30))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true }, "\(outcomes.compactMap(\.error))")
            #expect(server.connections.count == 1 && server.connections[0].faults.isEmpty)
        }
    }

    @Test func `a server that breaks at the second message in a flight and is not known still gets each once`()
        async throws
    {
        // What is told may be unknown, and is never wrong.
        try await withServer([.at(.mailInSameFlight, .end(.close))], without: [.chunking]) { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<10))
            let taken = Numbered.taken(server.messages)
            #expect(Set(taken).count == taken.count)
            #expect(outcomes.allSatisfy { $0.end == "accepted" || $0.end == "unknown" }, "\(outcomes.map(\.end))")
        }
    }

    @Test func `extensions that the settings pass over are not used`() async throws {
        try await withServer(settings: "ignored-extensions: [CHUNKING, pipelining], \(Self.one)") { server, transport in
            let outcomes = await transport.send(Numbered.batch(0..<5))
            #expect(outcomes.allSatisfy { $0.receipt?.isComplete == true })
            #expect(server.messages.allSatisfy { !$0.usedChunking })
            #expect(server.connections[0].commands.allSatisfy { !$0.hasPrefix("BDAT") })
        }
        // Without these settings they are.
        try await withServer { server, transport in
            _ = await transport.send(Numbered.batch(0..<5))
            #expect(server.messages.count == 5 && server.messages.allSatisfy(\.usedChunking))
        }
    }
}

extension SMTPTestServer {
    /// Closes the transport and waits for the end of all connections.
    func waitForDisconnects(closing transport: SMTPTransport) async throws {
        await transport.close()
        try await waitForDisconnects()
    }
}

extension SendRequest {
    /// A small message of this text.
    static func small(_ text: String) -> SendRequest { small(to: ["b@example.org"], text) }
}
