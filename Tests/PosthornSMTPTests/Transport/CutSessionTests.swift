import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// The connection ends after every single octet, in both directions.
@Suite(.undisturbed) struct CutSessionTests {
    struct Variant: Sendable, CustomTestStringConvertible {
        var isPipelined = false
        var isChunked = false
        var signsIn = false
        var isLMTP = false
        var isReset = false

        var recipients: [String] { isLMTP ? ["b@example.org", "c@example.org"] : ["b@example.org"] }
        var dialogue: Dialogue {
            .session(
                pipelined: isPipelined,
                chunked: isChunked,
                signsIn: signsIn,
                lmtp: isLMTP,
                recipients: recipients
            )
        }
        var settings: String {
            (isLMTP ? "protocol: lmtp, " : "") + (signsIn ? "username: info, password: secret, " : "") + limits(60_000)
        }
        var end: TranscriptStep { isReset ? .reset : .close }
        var testDescription: String {
            [
                isPipelined ? "pipelined" : "step by step", isChunked ? "BDAT" : "DATA", signsIn ? "signed in" : "",
                isLMTP ? "LMTP" : "SMTP",
            ]
            .filter { !$0.isEmpty }.joined(separator: ", ") + (isReset ? ", reset" : ", closed")
        }
    }

    static let variants = [false, true].flatMap { isReset in
        [
            Variant(isReset: isReset),
            Variant(isPipelined: true, isReset: isReset),
            Variant(isPipelined: true, signsIn: true, isReset: isReset),
            Variant(isPipelined: true, isLMTP: true, isReset: isReset),
            Variant(isChunked: true, isReset: isReset),
            Variant(isPipelined: true, isChunked: true, isReset: isReset),
            Variant(isPipelined: true, isChunked: true, isLMTP: true, isReset: isReset),
        ]
    }

    private func run(_ scripts: [[TranscriptStep]], _ variant: Variant) async throws -> [(Int, Sent)] {
        let server = try TranscriptServer(scripts: scripts)
        let transport = try makeTransport(port: server.port, variant.settings)
        var results: [(Int, Sent)] = []
        for number in scripts.indices {
            results.append((number, await Sent { try await transport.send(.small(to: variant.recipients)) }))
        }
        for (number, connection) in try await server.finished(connections: scripts.count).enumerated() {
            #expect(connection.failure == nil, "cut \(number)")
        }
        return results
    }

    @Test(arguments: variants)
    func `a session that is cut after every octet of the server has the right certainty`(_ variant: Variant)
        async throws
    {
        let dialogue = variant.dialogue
        let go = dialogue.serverOctets(before: dialogue.content)
        let done = dialogue.serverOctets(before: dialogue.content + 1)
        let final = "250 2.0.0 Ok: queued as ABC123\r\n".utf8.count
        let finals = done - final * (variant.isLMTP ? variant.recipients.count : 1)
        let cuts = Array(0...dialogue.serverOctets)
        let results = try await run(cuts.map { dialogue.cutAfterServerOctet($0, by: variant.end) }, variant)
        for (cut, sent) in results {
            let comment = Comment(rawValue: "cut after \(cut) of \(dialogue.serverOctets): \(sent)")
            // The LF is the last octet that a reply needs; all of it was sent before the cut.
            if cut < go {
                #expect(sent.certainty == .notTaken, comment)
                #expect(sent.error?.isRetryable == true, comment)
                #expect(sent.error.map { [.connectionLost, .connectionFailed].contains($0.code) } == true, comment)
            } else if cut < done {
                let settled = max(0, cut - finals) / final
                let statuses = variant.recipients.indices.map {
                    $0 < settled ? RecipientResult.Status.accepted : .unknown
                }
                // Over LMTP, what was accepted for some makes a receipt that says so of each.
                let known = (sent.receipt?.recipients ?? sent.error?.recipients)?.map(\.status)
                // A reset takes with it what the client has not read yet.
                #expect(known == statuses || variant.isReset && known == statuses.map { _ in .unknown }, comment)
                #expect(sent.receipt?.isComplete != true, comment)
                if known?.contains(.accepted) != true {
                    #expect(sent.certainty == .unknown, comment)
                    #expect(sent.error?.isRetryable == false, comment)
                    #expect(sent.error?.code == .outcomeUnknown, comment)
                }
            } else {
                #expect(sent.receipt?.isComplete == true, comment)
                #expect(sent.receipt?.remoteQueueID == "ABC123", comment)
            }
        }
    }

    @Test(arguments: variants)
    func `a session that is cut after every octet of the client is never reported wrongly`(_ variant: Variant)
        async throws
    {
        let dialogue = variant.dialogue
        let content = dialogue.clientOctets(before: dialogue.content)
        let dot = dialogue.clientOctets(before: dialogue.content + 1)
        let cuts = Array(0...dialogue.clientOctets)
        let results = try await run(cuts.map { dialogue.cutAfterClientOctet($0, by: variant.end) }, variant)
        for (cut, sent) in results {
            let comment = Comment(rawValue: "cut after \(cut) of \(dialogue.clientOctets): \(sent)")
            if cut < content {
                #expect(sent.certainty == .notTaken && sent.error?.isRetryable == true, comment)
            } else if cut < dot {
                // The client has handed the dot to the system and cannot know how much of it the server has read.
                #expect(sent.certainty == .unknown || sent.certainty == .notTaken, comment)
            } else {
                #expect(sent.receipt?.isComplete == true, comment)
            }
        }
    }

    @Test func `a large message that is cut in the middle was certainly not taken`() async throws {
        let dialogue = Dialogue.session()
        for end in [TranscriptStep.close, .reset] {
            let server = try TranscriptServer(
                dialogue.script(before: dialogue.content) + [.receive(through: "xxxx\r\nxxx"), end]
            )
            let transport = try makeTransport(port: server.port, limits(60_000))
            let sent = await Sent { try await transport.send(.large(32 << 20)) }
            #expect(sent.certainty == .notTaken && sent.error?.code == .connectionLost, "\(sent)")
            let connection = try await server.finished()[0]
            #expect(!connection.receivedText.contains("\r\n.\r\n"))
        }
    }
}
