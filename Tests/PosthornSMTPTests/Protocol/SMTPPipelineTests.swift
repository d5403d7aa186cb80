import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// Several transactions under way on one connection: each gets its own replies, and no other's.
@Suite(.computing) struct SMTPPipelineTests {
    private func inline(_ number: Int, recipients: Int = 1) -> SMTPTransaction.Request {
        .message(number, .inline(octets: 10), recipients: recipients)
    }

    private func text(_ outcome: SMTPTransaction.Outcome) -> String? {
        switch outcome.result {
        case .accepted(let reply, _): String(decoding: reply.text, as: UTF8.self)
        case .failed(let failure): failure.reply?.text
        }
    }

    // MARK: Order

    @Test func `three messages by BDAT leave in one flight, and each gets its own replies`() {
        var runner = PipelineRunner()
        #expect(runner.begin([inline(1), inline(2), inline(3)]).isEmpty)
        let flight = (1...3).map { number in
            (number == 1 ? "" : "RSET\r\n")
                + "MAIL FROM:<s\(number)@example.org>\r\nRCPT TO:<r0@example.org>\r\nBDAT 10 LAST\r\n<message>"
        }
        #expect(runner.sent == flight.joined())
        #expect(runner.pipeline.count == 3 && !runner.pipeline.awaitsFinalReply)
        runner.receive(reply(250), reply(250))
        #expect(runner.pipeline.awaitsFinalReply)
        runner.receive(reply(250, "first"))
        #expect(runner.outcomes.count == 1 && runner.pipeline.count == 2)
        runner.receive(reply(250, "reset"), reply(250), reply(250), reply(250, "second"))
        runner.receive(reply(250, "reset"), reply(250), reply(250), reply(250, "third"))
        #expect(runner.ends == ["accepted", "accepted", "accepted"])
        #expect(runner.outcomes.map(text) == ["first", "second", "third"])
        #expect(runner.outcomes.allSatisfy { $0.connection == .clean })
        #expect(runner.pipeline.isEmpty && runner.surplus.isEmpty)
        #expect(runner.sent == flight.joined())
    }

    @Test func `behind the dot the next envelope follows in the same flight`() {
        var runner = PipelineRunner()
        let left = runner.begin([.message(1), .message(2)])
        // Nothing may follow DATA before its message (RFC 2920 section 3.1).
        #expect(left.count == 1 && !runner.pipeline.canBegin)
        runner.receive(reply(250), reply(250), reply(354))
        #expect(runner.pipeline.canBegin)
        runner.begin(.message(2))
        #expect(
            runner.sent
                == "MAIL FROM:<s1@example.org>\r\nRCPT TO:<r0@example.org>\r\nDATA\r\n<message>"
                + "MAIL FROM:<s2@example.org>\r\nRCPT TO:<r0@example.org>\r\nDATA\r\n"
        )
        runner.receive(reply(250, "first"), reply(250), reply(250), reply(354), reply(250, "second"))
        #expect(runner.ends == ["accepted", "accepted"] && runner.outcomes.map(text) == ["first", "second"])
    }

    @Test func `a hundred transactions keep their order while the finished ones go away`() {
        var runner = PipelineRunner(window: 32)
        var left = (0..<100).map { inline($0) }[...]
        var finished = 0
        while finished < 100 {
            left = runner.begin(Array(left))
            if finished > 0 || runner.pipeline.count < 1 { runner.receive(reply(250, "reset")) }
            runner.receive(reply(250), reply(250), reply(250, "number \(finished)"))
            finished += 1
            #expect(runner.outcomes.count == finished)
        }
        #expect(runner.outcomes.compactMap(text) == (0..<100).map { "number \($0)" })
        #expect(runner.pipeline.isEmpty && left.isEmpty)
    }

    @Test func `a reply that nobody waits for is surplus`() {
        var runner = PipelineRunner()
        runner.receive(reply(250, "who asked?"))
        #expect(runner.surplus.count == 1 && runner.outcomes.isEmpty)
        runner.begin(inline(1))
        runner.receive(reply(250), reply(250), reply(250), reply(250, "again"))
        #expect(runner.ends == ["accepted"] && runner.surplus.count == 2)
    }

    // MARK: When another may begin

    @Test func `as many as the window allows may be under way`() {
        for window in [-1, 0, 1, 2, 5] {
            var runner = PipelineRunner(window: window)
            let left = runner.begin((0..<6).map { inline($0) })
            #expect(runner.pipeline.count == max(1, window) && left.count == 6 - max(1, window))
            runner.receive(reply(250), reply(250), reply(250))
            #expect(runner.pipeline.canBegin)
        }
    }

    @Test func `without PIPELINING one is under way at a time`() {
        var runner = PipelineRunner(isPipelined: false)
        runner.begin(.message(1, pipelined: false))
        for reply in [reply(250), reply(250), reply(354)] {
            #expect(!runner.pipeline.canBegin)
            runner.receive(reply)
        }
        // The whole message was sent, and its reply is awaited.
        #expect(!runner.pipeline.canBegin && runner.pipeline.awaitsFinalReply)
        runner.receive(reply(250))
        #expect(runner.pipeline.canBegin && runner.ends == ["accepted"])
    }

    @Test func `none begins behind chunks that are not all sent`() {
        var runner = PipelineRunner()
        runner.begin(.message(1, .chunks))
        #expect(!runner.pipeline.canBegin && runner.pipeline.isFrontChunked)
        runner.receive(reply(250))
        #expect(!runner.pipeline.canBegin)
        runner.receive(reply(250))
        #expect(runner.pipeline.canBegin && runner.sent.hasSuffix("<message>"))
        runner.begin(inline(2))
        // What a refused chunk would leave behind is not known when this is sent.
        #expect(runner.sent.contains("<message>RSET\r\nMAIL FROM:<s2@"))
    }

    // MARK: Refusals in the middle

    /// One refused in the middle, in every way there is, and what its transaction leaves behind.
    static let refusals: [(what: String, replies: [(Int, String)], certainty: String)] = [
        ("sender", [(550, "5.7.1 no"), (503, "5.5.1 no sender"), (503, "5.5.1 no sender")], "rejected"),
        ("sender for now", [(451, "4.7.1 later"), (503, "5.5.1 no"), (503, "5.5.1 no")], "notTaken"),
        ("recipient", [(250, "ok"), (550, "5.1.1 nobody"), (503, "5.5.1 no recipient")], "rejected"),
        ("recipient, 554 to BDAT", [(250, "ok"), (550, "5.1.1 nobody"), (554, "5.5.1 no recipient")], "rejected"),
        ("recipient for now", [(250, "ok"), (450, "4.2.1 busy"), (503, "5.5.1 no recipient")], "notTaken"),
        ("message", [(250, "ok"), (250, "ok"), (554, "5.6.0 not this")], "rejected"),
        ("message for now", [(250, "ok"), (250, "ok"), (451, "4.3.0 later")], "notTaken"),
    ]

    @Test(arguments: refusals.indices)
    func `a refusal in the middle of BDAT in one flight touches no other`(_ number: Int) {
        let refusal = Self.refusals[number]
        var runner = PipelineRunner()
        #expect(runner.begin([inline(1), inline(2), inline(3)]).isEmpty)
        let sent = runner.sent
        runner.receive(reply(250), reply(250), reply(250, "first"), reply(250, "reset"))
        for (code, text) in refusal.replies { runner.receive(reply(code, text)) }
        runner.receive(reply(250, "reset"), reply(250), reply(250), reply(250, "third"))
        #expect(runner.ends == ["accepted", refusal.certainty, "accepted"], "\(refusal.what)")
        #expect(text(runner.outcomes[0]) == "first" && text(runner.outcomes[2]) == "third")
        #expect(runner.sent == sent && runner.pipeline.isEmpty && runner.surplus.isEmpty)
    }

    @Test(arguments: refusals.indices)
    func `a refusal at the end of the line is cleared before the next message`(_ number: Int) {
        let refusal = Self.refusals[number]
        var runner = PipelineRunner()
        runner.begin(inline(1))
        for (code, text) in refusal.replies { runner.receive(reply(code, text)) }
        #expect(runner.ends == [refusal.certainty])
        #expect(runner.outcomes.map(\.connection) == [.needsReset])
        let before = runner.sent.count
        runner.begin(inline(2))
        #expect(runner.sent.dropFirst(before).hasPrefix("RSET\r\nMAIL FROM:<s2@"))
        runner.receive(reply(250), reply(250), reply(250), reply(250))
        #expect(runner.ends == [refusal.certainty, "accepted"])
        // Once is enough.
        let cleared = runner.sent.count
        runner.begin(inline(3))
        #expect(runner.sent.dropFirst(cleared).hasPrefix("MAIL FROM:<s3@"))
    }

    @Test func `refused recipients of some are told for each of them`() {
        var runner = PipelineRunner()
        #expect(runner.begin([inline(1, recipients: 3), inline(2, recipients: 2)]).isEmpty)
        runner.receive(reply(250), reply(250), reply(550, "5.1.1 nobody"), reply(450, "4.2.1 busy"), reply(250))
        runner.receive(reply(250), reply(250), reply(550, "5.1.1 nobody"), reply(250), reply(250))
        #expect(runner.ends == ["accepted", "accepted"])
        let statuses = runner.outcomes.map { outcome -> [RecipientResult.Status] in
            guard case .accepted(_, let recipients) = outcome.result else { return [] }
            return recipients.map(\.status)
        }
        #expect(statuses == [[.accepted, .rejectedForGood, .rejectedForNow], [.rejectedForGood, .accepted]])
    }

    @Test func `a refusal in the middle of DATA touches no other`() {
        for (code, certainty) in [(554, "rejected"), (451, "notTaken")] {
            var runner = PipelineRunner()
            runner.begin(.message(1))
            runner.receive(reply(250), reply(250), reply(354))
            runner.begin(.message(2))
            // The second envelope is on its way when the first message is refused.
            runner.receive(reply(code, "no"), reply(250), reply(250), reply(354))
            runner.begin(.message(3))
            runner.receive(reply(250), reply(550, "a sender"), reply(503), reply(503))
            #expect(runner.ends == [certainty, "accepted", "rejected"])
            #expect(runner.outcomes.map(\.connection) == [.clean, .clean, .needsReset])
        }
    }

    @Test func `DATA that is refused after every recipient was refused leaves a line that goes on`() {
        var runner = PipelineRunner()
        runner.begin(.message(1, recipients: 2))
        runner.receive(reply(250), reply(550), reply(550), reply(554, "no valid recipients"))
        #expect(runner.ends == ["rejected"] && runner.outcomes[0].connection == .needsReset)
        runner.begin(.message(2))
        #expect(runner.sent.contains("DATA\r\nRSET\r\nMAIL FROM:<s2@"))
        runner.receive(reply(250), reply(250), reply(250), reply(354), reply(250))
        #expect(runner.ends == ["rejected", "accepted"])
    }

    // MARK: The end of the connection

    @Test func `421 in the middle ends the others, and nobody has them`() {
        for place in 0...3 {
            var runner = PipelineRunner()
            #expect(runner.begin([inline(1), inline(2), inline(3)]).isEmpty)
            runner.receive(reply(250), reply(250), reply(250, "first"))
            let second = [reply(250, "reset"), reply(250), reply(250)]
            for reply in second[..<place] { runner.receive(reply) }
            runner.receive(reply(421, "4.3.2 going down"))
            // To RSET and to RCPT, the end of the connection confirms it.
            if [0, 2].contains(place) {
                #expect(runner.ends == ["accepted"])
                runner.lose()
            }
            #expect(runner.ends == ["accepted", "notTaken", "notTaken"], "421 after \(place) replies")
            #expect(runner.outcomes[1...].allSatisfy { $0.connection == .unusable })
            #expect(runner.outcomes[2].failure?.reply?.code == 421 && runner.outcomes[2].failure?.code == .unavailable)
        }
    }

    @Test func `a server that says 421 for a recipient and goes on is heard to the end`() {
        for (final, end) in [(250, "accepted"), (554, "rejected"), (451, "notTaken")] {
            var runner = PipelineRunner()
            runner.begin(inline(1, recipients: 2))
            runner.receive(reply(250), reply(250), reply(421, "4.3.2 going down"), reply(final))
            #expect(runner.ends == [end] && runner.outcomes[0].connection == .unusable)
            guard case .accepted(_, let recipients) = runner.outcomes[0].result else { continue }
            #expect(recipients.map(\.status) == [.accepted, .rejectedForNow])
        }
    }

    @Test(arguments: [MailError.Code.protocolViolation, .timedOut, .cancelled, .tlsFailed])
    func `421 says nothing of messages on their way when the server does not hang up`(_ code: MailError.Code) {
        // To RSET, and to the second recipient.
        for place in [0, 3] {
            var runner = PipelineRunner()
            #expect(runner.begin([inline(1), inline(2, recipients: 2), inline(3)]).isEmpty)
            runner.receive(reply(250), reply(250), reply(250, "first"))
            let second = [reply(250, "reset"), reply(250), reply(250)]
            for reply in second[..<place] { runner.receive(reply) }
            runner.receive(reply(421, "4.3.2 going down"))
            runner.lose(code)
            #expect(runner.ends == ["accepted", "unknown", "unknown"], "\(code) after 421 to \(place)")
        }
    }

    @Test func `a server that says 421 after it has taken a message has taken no other`() {
        var runner = PipelineRunner()
        #expect(runner.begin([inline(1), inline(2)]).isEmpty)
        runner.receive(reply(250), reply(250), reply(421, "4.3.2 going down"))
        #expect(runner.ends == ["notTaken", "notTaken"])
    }

    @Test func `a reply that the protocol does not allow leaves what was handed over unknown`() {
        for (place, bad) in [(0, 354), (1, 334), (2, 354)] {
            var runner = PipelineRunner()
            #expect(runner.begin([inline(1), inline(2), inline(3)]).isEmpty)
            runner.receive(reply(250), reply(250), reply(250, "first"), reply(250, "reset"))
            for reply in [reply(250), reply(250)][..<place] { runner.receive(reply) }
            runner.receive(reply(bad, "what?"))
            #expect(runner.ends == ["accepted", "unknown", "unknown"], "\(bad) at \(place)")
        }
        // By DATA the message of the second has not left.
        var runner = PipelineRunner()
        runner.begin(.message(1))
        runner.receive(reply(250), reply(250), reply(354))
        runner.begin(.message(2))
        runner.receive(reply(354, "what?"))
        #expect(runner.ends == ["unknown", "notTaken"])
    }

    @Test func `a connection that breaks leaves what was handed over unknown, and what was refused refused`() {
        var runner = PipelineRunner()
        #expect(runner.begin([inline(1), inline(2), inline(3)]).isEmpty)
        runner.receive(reply(250), reply(250), reply(250, "first"), reply(250, "reset"))
        runner.receive(reply(250), reply(550, "nobody"))
        runner.lose()
        // The second has been refused by everybody; the reply to its message would have been about nothing.
        #expect(runner.ends == ["accepted", "rejected", "unknown"])

        var data = PipelineRunner()
        data.begin(.message(1))
        data.receive(reply(250), reply(250), reply(354))
        data.begin(.message(2))
        data.lose()
        #expect(data.ends == ["unknown", "notTaken"])
    }

    @Test func `a server that takes a message for nobody is not trusted any more`() {
        for refused in [550, 450] {
            var runner = PipelineRunner()
            #expect(runner.begin([inline(1), inline(2)]).isEmpty)
            runner.receive(reply(250), reply(refused, "nobody"), reply(250, "taken"))
            #expect(runner.outcomes.first?.connection == .unusable)
            #expect(runner.ends == [refused == 550 ? "rejected" : "notTaken", "unknown"])
        }
        // Likewise after a refused sender.
        var runner = PipelineRunner()
        runner.begin(inline(1))
        runner.receive(reply(550), reply(250), reply(250, "taken"))
        #expect(runner.ends == ["rejected"] && runner.outcomes[0].connection == .unusable)
    }

    @Test func `RSET that is not answered with 250 ends the line`() {
        for code in [220, 251, 354, 500] {
            var runner = PipelineRunner()
            #expect(runner.begin([inline(1), inline(2), inline(3)]).isEmpty)
            runner.receive(reply(250), reply(250), reply(250, "first"), reply(code, "?"))
            #expect(runner.ends == ["accepted", "unknown", "unknown"], "\(code)")
        }
    }

    // MARK: Chunks

    @Test func `a chunk that is refused in the middle ends its message alone`() {
        var runner = PipelineRunner()
        runner.begin(.message(1, .chunks))
        _ = runner.pipeline.received(reply(250))
        guard case .sendContent = runner.pipeline.received(reply(250)) else {
            Issue.record("the message is not asked for")
            return
        }
        for _ in 1...3 { runner.pipeline.chunkSent() }
        runner.receive(reply(250))
        #expect(!runner.pipeline.isFrontRefused)
        runner.receive(reply(552, "5.3.4 too much"))
        // The reply to the third is due, and the connection stays of use when it has come.
        #expect(runner.pipeline.isFrontRefused && runner.outcomes.isEmpty && !runner.pipeline.canBegin)
        runner.receive(reply(503, "5.5.1 no transaction"))
        #expect(runner.ends == ["rejected"] && runner.outcomes[0].connection == .needsReset)
        #expect(runner.outcomes[0].failure?.code == .tooLarge)
        runner.begin(inline(2))
        #expect(runner.sent.contains("RSET\r\nMAIL FROM:<s2@"))
    }

    @Test func `a chunk that is refused after all were sent ends its message, whatever is said to the last one`() {
        for (last, connection) in [(503, SMTPTransaction.Outcome.ConnectionState.needsReset), (250, .unusable)] {
            var runner = PipelineRunner()
            runner.begin(.message(1, .chunks))
            _ = runner.pipeline.received(reply(250))
            _ = runner.pipeline.received(reply(250))
            runner.pipeline.chunkSent()
            runner.pipeline.contentHandedOver()
            runner.begin(inline(2))
            runner.receive(reply(451, "4.3.0 disk"), reply(last, "?"))
            #expect(runner.outcomes.first?.connection == connection)
            // "250" to the end of a message of which a part was refused: nobody knows what the server has.
            #expect(runner.ends.first == (last == 250 ? "unknown" : "notTaken"))
            if last == 250 { continue }
            runner.receive(reply(250), reply(250), reply(250), reply(250))
            #expect(runner.ends == ["notTaken", "accepted"])
        }
    }

    @Test func `a message whose source fails between chunks leaves a line that goes on`() throws {
        let broken = MailError(.contentUnavailable, "the file is gone")
        var runner = PipelineRunner()
        runner.begin(.message(1, .chunks))
        _ = runner.pipeline.received(reply(250))
        _ = runner.pipeline.received(reply(250))
        runner.pipeline.chunkSent()
        runner.receive(reply(250))
        let failed = runner.pipeline.contentFailed(broken)
        let outcome = try #require(failed)
        #expect(outcome.failure?.certainty == .notTaken && outcome.connection == .needsReset)

        // With a reply due, or by DATA, the next reply would be taken for another's.
        var open = PipelineRunner()
        open.begin(.message(1, .chunks))
        _ = open.pipeline.received(reply(250))
        _ = open.pipeline.received(reply(250))
        open.pipeline.chunkSent()
        let dirty = open.pipeline.contentFailed(broken)
        #expect(dirty?.connection == .unusable)
        var data = PipelineRunner()
        data.begin(.message(1))
        for reply in [reply(250), reply(250), reply(354)] { _ = data.pipeline.received(reply) }
        let halfway = data.pipeline.contentFailed(broken)
        let nothing = data.pipeline.contentFailed(broken)
        #expect(halfway?.connection == .unusable && nothing == nil)
    }

    // MARK: LMTP

    @Test func `over LMTP each message takes a reply for each of its recipients`() {
        var runner = PipelineRunner()
        runner.begin(.message(1, recipients: 3, lmtp: true))
        runner.receive(reply(250), reply(250), reply(550), reply(250), reply(354))
        runner.begin(.message(2, recipients: 2, lmtp: true))
        runner.receive(reply(250), reply(452, "4.2.2 full"))
        #expect(runner.ends == ["accepted"])
        runner.receive(reply(250), reply(250), reply(250), reply(354))
        runner.begin(.message(3, lmtp: true))
        runner.receive(reply(550), reply(550))
        #expect(runner.ends == ["accepted", "rejected"])
        runner.receive(reply(250), reply(250), reply(354))
        runner.lose()
        #expect(runner.ends == ["accepted", "rejected", "unknown"])
    }
}

extension SMTPTransaction.Outcome {
    fileprivate var failure: SMTPTransaction.Failure? {
        if case .failed(let failure) = result { failure } else { nil }
    }
}
