import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// What wishes and requirements add to MAIL, and when a server cannot fulfil them.
@Suite(.computing) struct SMTPOptionsTests {
    private func commands(_ offers: String, isEncrypted: Bool = true) -> SMTPCommands {
        SMTPCommands(
            capabilities: SMTPCapabilities(reply: reply(250, "x\n" + offers)),
            isLMTP: false,
            isEncrypted: isEncrypted
        )
    }

    private func line(_ commands: SMTPCommands, _ options: SendOptions) throws -> String {
        var request = SendRequest.small()
        request.options = options
        let facts = ContentFacts(size: nil, transfer: .sevenBit, needsUTF8Headers: false)
        return String(
            decoding: try commands.request(for: request, facts: facts).commands(0..<1).dropLast(2),
            as: UTF8.self
        )
    }

    @Test func `all at once, in one line`() throws {
        var options = SendOptions()
        options[RequireTLS.self] = RequireTLS()
        options[DeliverBy.self] = DeliverBy(within: .seconds(3_600), orElse: .notified, isTraced: true)
        options[FutureRelease.self] = FutureRelease(after: .seconds(600))
        options[TransferPriority.self] = TransferPriority(level: -4)
        let all = commands("REQUIRETLS\nDELIVERBY\nFUTURERELEASE 86400 2030-01-01T00:00:00Z\nMT-PRIORITY MIXER")
        #expect(
            try line(all, options)
                == "MAIL FROM:<a@example.org> REQUIRETLS BY=3600;NT HOLDFOR=600 MT-PRIORITY=-4"
        )
        #expect(try options.ignored(fulfilled: all.fulfilled(of: options), by: "x").isEmpty)
        let none = commands("")
        #expect(try line(none, options) == "MAIL FROM:<a@example.org>")
        #expect(
            try options.ignored(fulfilled: none.fulfilled(of: options), by: "x")
                == ["deliver-by", "future-release", "require-tls", "transfer-priority"]
        )
        #expect(try line(all, SendOptions()) == "MAIL FROM:<a@example.org>")
    }

    @Test func `REQUIRETLS that was announced in the clear counts for nothing`() throws {
        var options = SendOptions()
        options.require(RequireTLS.self, RequireTLS())
        let clear = commands("REQUIRETLS", isEncrypted: false)
        #expect(try line(clear, options) == "MAIL FROM:<a@example.org>")
        let error = #expect(throws: MailError.self) {
            try options.ignored(fulfilled: clear.fulfilled(of: options), by: "the server x")
        }
        #expect(error?.code == .unsupported && error?.certainty == .notTaken)
    }

    @Test(arguments: [
        ("DELIVERBY", 1, "R", " BY=1;R"), ("DELIVERBY 240", 240, "R", " BY=240;R"), ("DELIVERBY 240", 239, "R", ""),
        ("DELIVERBY 240", 239, "N", " BY=239;N"), ("DELIVERBY", 0, "R", ""), ("DELIVERBY", -5, "N", ""),
        ("DELIVERBY", 999_999_999, "R", " BY=999999999;R"), ("DELIVERBY", 1_000_000_000, "R", ""),
        ("DELIVERBY x", 10, "R", " BY=10;R"), ("DELIVERBY 99999999999999999999999", 10, "R", " BY=10;R"),
    ])
    func `a time to deliver by`(_ offer: String, _ seconds: Int64, _ action: String, _ expected: String) throws {
        var options = SendOptions()
        options[DeliverBy.self] = DeliverBy(within: .seconds(seconds), orElse: action == "R" ? .returned : .notified)
        let commands = commands(offer)
        #expect(try line(commands, options) == "MAIL FROM:<a@example.org>" + expected)
        #expect(commands.fulfilled(of: options).isEmpty == expected.isEmpty)
    }

    @Test(arguments: [
        ("FUTURERELEASE", 999_999_999, true), ("FUTURERELEASE 60", 60, true), ("FUTURERELEASE 60", 61, false),
        ("FUTURERELEASE", 0, false), ("FUTURERELEASE 60 2030-01-01T00:00:00Z", 59, true),
        ("FUTURERELEASE -1", 1, false), ("8BITMIME", 1, false),
    ])
    func `a time to hold for`(_ offer: String, _ seconds: Int64, _ isFulfilled: Bool) throws {
        var options = SendOptions()
        options[FutureRelease.self] = FutureRelease(after: .seconds(seconds))
        let commands = commands(offer)
        #expect(
            try line(commands, options) == "MAIL FROM:<a@example.org>" + (isFulfilled ? " HOLDFOR=\(seconds)" : "")
        )
        #expect(commands.fulfilled(of: options).isEmpty != isFulfilled)
    }

    @Test(arguments: [
        ("RRVS", 0, "R", " RRVS=1970-01-01T00:00:00Z;R"), ("RRVS", 951_782_399, "C", " RRVS=2000-02-28T23:59:59Z;C"),
        ("RRVS", 253_402_300_799, "R", " RRVS=9999-12-31T23:59:59Z;R"), ("RRVS", 253_402_300_800, "R", ""),
        ("RRVS", -1, "R", ""), ("RRVS", .min, "R", ""), ("8BITMIME", 0, "R", ""),
    ])
    func `a time since which a recipient must be valid`(
        _ offer: String,
        _ seconds: Int64,
        _ action: String,
        _ expected: String
    ) throws {
        var request = SendRequest.small(to: ["b@example.org", "c@bücher.example"])
        let times = [address("c@BÜCHER.example"): seconds]
        request.options[RequireRecipientValidSince.self] = RequireRecipientValidSince(
            times,
            orElse: action == "R" ? .returned : .passedOn
        )
        let commands = commands(offer)
        let facts = ContentFacts(size: nil, transfer: .sevenBit, needsUTF8Headers: false)
        let lines = String(decoding: try commands.request(for: request, facts: facts).commands(1..<3), as: UTF8.self)
        #expect(lines == "RCPT TO:<b@example.org>\r\nRCPT TO:<c@xn--bcher-kva.example>\(expected)\r\n")
        #expect(commands.fulfilled(of: request.options).isEmpty == expected.isEmpty)
    }

    @Test func `a priority stays within its range`() {
        #expect(TransferPriority(level: 10).level == 9 && TransferPriority(level: .min).level == -9)
        #expect(TransferPriority(level: 3).level == 3)
    }
}
