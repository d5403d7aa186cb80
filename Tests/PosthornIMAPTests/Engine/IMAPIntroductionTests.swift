import Posthorn
import Testing

@testable import PosthornIMAP

extension IMAPIntroduction.Step {
    fileprivate var error: MailError? { if case .failed(let error) = self { error } else { nil } }
    fileprivate var asksSTARTTLS: Bool { if case .startTLSCommand = self { true } else { false } }
    fileprivate var beginsTLS: Bool { if case .startTLS = self { true } else { false } }
    fileprivate var asksCapabilities: Bool { if case .askCapabilities = self { true } else { false } }
    fileprivate var signedIn: Bool? { if case .established(_, let isSignedIn) = self { isSignedIn } else { nil } }
    fileprivate var capabilities: IMAPCapabilities? {
        if case .established(let capabilities, _) = self { capabilities } else { nil }
    }
}

@Suite struct IMAPIntroductionTests {
    private func introduction(startTLS: Bool = false) -> IMAPIntroduction {
        IMAPIntroduction(usesSTARTTLS: startTLS, isEncrypted: false, server: "mail.example.org:143")
    }

    private func status(_ kind: IMAPStatus.Kind, _ words: [String]? = nil, text: String = "hi") -> IMAPStatus {
        IMAPStatus(kind: kind, code: words.map { .capability($0) }, text: text)
    }

    @Test func `What the greeting announces is not asked for again`() {
        var one = introduction()
        let step = one.greeted(status(.ok, ["imap4rev1", "IDLE"]))
        #expect(step.signedIn == false && step.capabilities?.offers("idle") == true)
        var other = introduction()
        #expect(other.greeted(status(.ok)).asksCapabilities)
        #expect(other.announced(["IMAP4rev2"]).capabilities?.isRev2 == true)
    }

    @Test func `Under STARTTLS nothing from before counts`() {
        var introduction = introduction(startTLS: true)
        // Whether it announces STARTTLS or not: it is asked for.
        #expect(introduction.greeted(status(.ok, ["IMAP4rev1", "AUTH=PLAIN", "X-INJECTED"])).asksSTARTTLS)
        #expect(introduction.answeredSTARTTLS(status(.ok)).beginsTLS)
        #expect(introduction.encrypted().asksCapabilities)
        let step = introduction.announced(["IMAP4rev1"])
        #expect(step.signedIn == false && step.capabilities?.offers("X-INJECTED") == false)
    }

    @Test(arguments: [IMAPStatus.Kind.no, .bad, .bye, .preauth])
    func `STARTTLS that is not granted is an error`(_ kind: IMAPStatus.Kind) {
        var introduction = introduction(startTLS: true)
        _ = introduction.greeted(status(.ok))
        let error = introduction.answeredSTARTTLS(status(kind, text: "no\u{1B}[2J")).error
        #expect(error?.code == .encryptionUnavailable && error?.message.contains("\u{1B}") == false)
        #expect(introduction.encrypted().error != nil)
    }

    @Test func `PREAUTH is signed in, but not where STARTTLS was wanted`() {
        var plain = introduction()
        #expect(plain.greeted(status(.preauth, ["IMAP4rev1"])).signedIn == true)
        var asked = introduction()
        _ = asked.greeted(status(.preauth))
        #expect(asked.announced(["IMAP4rev1"]).signedIn == true)
        var encrypted = introduction(startTLS: true)
        #expect(encrypted.greeted(status(.preauth, ["IMAP4rev1"])).error?.code == .encryptionUnavailable)
        #expect(encrypted.announced(["IMAP4rev1"]).error != nil)
    }

    @Test func `A greeting that is a refusal or none is told`() {
        for (kind, code) in [
            (IMAPStatus.Kind.bye, MailError.Code.unavailable), (.no, .protocolViolation), (.bad, .protocolViolation),
        ] {
            var introduction = introduction()
            #expect(introduction.greeted(status(kind)).error?.code == code)
            // After an error nothing goes on.
            #expect(introduction.greeted(status(.ok)).error?.code == .protocolViolation)
        }
        var other = introduction()
        #expect(other.greeted(status(.ok, ["IMAP4", "AUTH=PLAIN"])).error?.code == .unsupported)
    }

    @Test func `Steps out of turn are errors`() {
        var introduction = introduction(startTLS: true)
        #expect(introduction.encrypted().error?.code == .misuse)
        _ = introduction.greeted(status(.ok))
        #expect(introduction.announced(["IMAP4rev1"]).error?.code == .protocolViolation)
        #expect(introduction.answeredSTARTTLS(status(.ok)).error?.code == .protocolViolation)
    }
}
