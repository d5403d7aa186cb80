import Posthorn
import Testing

@testable import PosthornPOP3

private func reply(_ status: POP3Reply.Status, _ text: String = "") -> POP3Reply {
    POP3Reply(status: status, text: Array(text.utf8))
}

extension POP3Introduction.Step {
    fileprivate var command: String? { if case .send(let command) = self { command } else { nil } }
    fileprivate var error: MailError? { if case .failed(let error) = self { error } else { nil } }
    fileprivate var asksCapabilities: Bool { if case .askCapabilities = self { true } else { false } }
    fileprivate var startsTLS: Bool { if case .startTLS = self { true } else { false } }
    fileprivate var capabilities: POP3Capabilities? {
        if case .established(let capabilities) = self { capabilities } else { nil }
    }
}

@Suite struct POP3IntroductionTests {
    @Test func `STLS comes first, and what was said before it is forgotten`() {
        var introduction = POP3Introduction(usesSTLS: true, server: "mail.example.org:110")
        #expect(introduction.received(reply(.ok, "ready <stamp@mail>")).command == "STLS")
        #expect(introduction.timestamp == Array("<stamp@mail>".utf8))
        #expect(introduction.received(reply(.ok, "go on")).startsTLS)
        #expect(introduction.timestamp == nil)
        #expect(introduction.encrypted().asksCapabilities)
        let capabilities = introduction.received(reply(.ok), capabilities: [Array("UIDL".utf8)]).capabilities
        #expect(capabilities?.offers("UIDL") == true)
    }

    @Test func `A server without CAPA can be used`() {
        var introduction = POP3Introduction(usesSTLS: false, server: "mail.example.org:995")
        #expect(introduction.received(reply(.ok)).asksCapabilities)
        #expect(introduction.received(reply(.error, "what?"), capabilities: []).capabilities?.isKnown == false)
    }

    @Test func `Without STLS nothing more is said`() {
        var introduction = POP3Introduction(usesSTLS: true, server: "mail.example.org:110")
        _ = introduction.received(reply(.ok))
        let error = introduction.received(reply(.error, "unknown command")).error
        #expect(error?.code == .encryptionUnavailable)
        #expect(error?.message.contains("nothing was sent") == true)
    }

    @Test(arguments: [
        ("[SYS/TEMP] full", MailError.Code.unavailable), ("[SYS/PERM] gone", .refused), ("no", .unavailable),
        ("[IN-USE] locked", .unavailable),
    ])
    func `A greeting that refuses is told by its code`(text: String, code: MailError.Code) {
        var introduction = POP3Introduction(usesSTLS: false, server: "mail.example.org:995")
        #expect(introduction.received(reply(.error, text)).error?.code == code)
    }

    @Test(arguments: ["ready", "ready <>", "ready <no at>", "ready <a@b", "ready a@b>", "ready <a b@c>"])
    func `Only a message identifier is a timestamp`(text: String) {
        var introduction = POP3Introduction(usesSTLS: false, server: "x")
        _ = introduction.received(reply(.ok, text))
        #expect(introduction.timestamp == nil)
    }

    @Test func `A challenge is no greeting, and nothing may come out of turn`() {
        var introduction = POP3Introduction(usesSTLS: false, server: "x")
        #expect(introduction.received(reply(.challenge)).error?.code == .protocolViolation)
        var early = POP3Introduction(usesSTLS: true, server: "x")
        #expect(early.encrypted().error?.code == .misuse)
        #expect(early.received(reply(.ok)).error != nil)
    }
}
