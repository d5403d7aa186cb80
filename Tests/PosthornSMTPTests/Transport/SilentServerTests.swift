import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// Servers that say nothing, say it slowly, or stop reading.
@Suite(.undisturbed) struct SilentServerTests {
    enum Manner: String, CaseIterable, Sendable {
        /// Reads, and answers nothing.
        case silent
        /// Neither reads nor answers.
        case stalled
        /// Sends an octet a second.
        case dripping
        /// Sends an octet every 20 ms: each single read succeeds.
        case drippingFast
        /// Sends complete lines of a reply that has no end.
        case endless

        var steps: [TranscriptStep] {
            let drip = "250-" + String(repeating: "x", count: 2_000)
            return switch self {
            case .silent: [.drain]
            case .stalled: [.stall]
            case .dripping: [.drip(drip, every: .seconds(1)), .stall]
            case .drippingFast: [.drip(drip, every: .milliseconds(20)), .stall]
            case .endless: [.drip(String(repeating: "250-\r\n", count: 400), every: .milliseconds(20)), .stall]
            }
        }
    }

    static let limit = Duration.milliseconds(500)
    static let dialogue = Dialogue.session(signsIn: true)

    @Test(arguments: dialogue.exchanges.indices, Manner.allCases)
    func `a server that does not answer is given up in time, with the right certainty`(
        _ place: Int,
        _ manner: Manner
    ) async throws {
        let dialogue = Self.dialogue
        var script = dialogue.script(before: place)
        if !dialogue.exchanges[place].command.isEmpty {
            script.append(.expectExactly(dialogue.exchanges[place].command))
        }
        let server = try TranscriptServer(script + manner.steps)
        let transport = try makeTransport(port: server.port, "username: info, password: secret, " + limits(500))
        let (sent, duration) = await timed { await Sent { try await transport.send(.small()) } }
        #expect(duration < Self.limit + .seconds(2), "took \(duration)")
        if place < dialogue.content {
            #expect(sent.error?.code == .timedOut && sent.certainty == .notTaken, "\(sent)")
            #expect(sent.error?.isRetryable == true)
            #expect(sent.error?.message.contains("timeouts.reply") == true)
        } else if place == dialogue.content {
            #expect(sent.error?.code == .outcomeUnknown && sent.certainty == .unknown, "\(sent)")
            #expect(sent.error?.message.contains("timeouts.reply") == true)
        } else {
            #expect(sent.receipt?.isComplete == true, "\(sent)")
        }
        server.stop()
    }

    @Test func `a server that stops reading in the middle of a large message is given up`() async throws {
        let dialogue = Dialogue.session()
        let server = try TranscriptServer(
            dialogue.script(before: dialogue.content) + [.receive(through: "xxxx\r\nxxx"), .stall]
        )
        let transport = try makeTransport(port: server.port, limits(500))
        let (sent, duration) = await timed { await Sent { try await transport.send(.large(64 << 20)) } }
        #expect(duration < Self.limit + .seconds(2))
        #expect(sent.error?.code == .timedOut && sent.certainty == .notTaken, "\(sent)")
        #expect(sent.error?.message.contains("timeouts.transfer") == true)
        server.stop()
    }

    @Test func `a server that refuses in the middle and stops reading has its reason told`() async throws {
        let dialogue = Dialogue.session()
        let server = try TranscriptServer(
            dialogue.script(before: dialogue.content)
                + [.receive(through: "xxxx\r\nxxx"), .send("552 5.3.4 enough\r\n"), .stall]
        )
        let transport = try makeTransport(port: server.port, limits(700))
        let (sent, duration) = await timed { await Sent { try await transport.send(.large(64 << 20)) } }
        #expect(duration < .seconds(3))
        #expect(sent.error?.reply?.code == 552 && sent.certainty == .rejected, "\(sent)")
        server.stop()
    }

    @Test func `a total limit ends a session in which every single step is in time`() async throws {
        var script = Dialogue.session().script(before: 2)
        for _ in 0..<50 { script += [.receive(through: "\r\n"), .pause(.milliseconds(100)), .send("250 ok\r\n")] }
        let server = try TranscriptServer(script)
        let transport = try makeTransport(port: server.port, "timeouts: { connect: 5 s, reply: 5 s, total: 600 ms }")
        let recipients = (0..<40).map { "r\($0)@example.org" }
        let (sent, duration) = await timed { await Sent { try await transport.send(.small(to: recipients)) } }
        #expect(duration < .milliseconds(2_600))
        #expect(sent.error?.code == .timedOut && sent.certainty == .notTaken, "\(sent)")
        #expect(sent.error?.message.contains("timeouts.total") == true)
        server.stop()
    }

    @Test func `a host that nobody listens on is an error at once`() async throws {
        let port = try FreePort.allocate()
        let transport = try makeTransport(port: port, limits(500))
        let sent = await Sent { try await transport.send(.small()) }
        #expect(sent.error?.code == .connectionFailed && sent.error?.isRetryable == true, "\(sent)")
    }

    @Test(arguments: Dialogue.session().exchanges.indices)
    func `a flood is given up after little of it`(_ place: Int) async throws {
        for flood in ["x", "250-x\r\n"] {
            let dialogue = Dialogue.session()
            var script = dialogue.script(before: place)
            if !dialogue.exchanges[place].command.isEmpty {
                script.append(.expectExactly(dialogue.exchanges[place].command))
            }
            let server = try TranscriptServer(script + [.flood(flood, limit: 512 << 20)])
            let transport = try makeTransport(port: server.port, limits(20_000))
            let sent = await Sent { try await transport.send(.small()) }
            if place < dialogue.content {
                #expect(sent.error?.code == .protocolViolation && sent.certainty == .notTaken, "\(sent)")
            } else if place == dialogue.content {
                #expect(sent.certainty == .unknown, "\(sent)")
            } else {
                #expect(sent.receipt != nil, "\(sent)")
            }
            _ = try await server.finished()
            // What the system's buffers hold was sent, too.
            #expect(server.sentCount < 32 << 20)
        }
    }
}
