import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// LIMITS (RFC 9422).
@Suite(.computing) struct SessionLimitsTests {
    private func talk(_ limits: SMTPServerSessionLimits) -> Conversation {
        var talk = Conversation {
            $0.sessionLimits = limits
            $0.rules.refuseRecipient("gone@example.org")
        }
        talk.say("EHLO c")
        return talk
    }

    @Test(arguments: [
        (SMTPServerSessionLimits(), "RRVS"),
        (SMTPServerSessionLimits(messages: 10), "LIMITS MAILMAX=10"),
        (
            SMTPServerSessionLimits(messages: 10, recipients: 5, recipientDomains: 1),
            "LIMITS MAILMAX=10 RCPTMAX=5 RCPTDOMAINMAX=1"
        ),
    ])
    func `Limits are announced`(limits: SMTPServerSessionLimits, line: String) {
        var talk = talk(limits)
        #expect(talk.say("EHLO c").hasSuffix("\n250 \(line)\n"))
    }

    @Test func `The number of messages is kept to, refused ones counted`() {
        var talk = talk(SMTPServerSessionLimits(messages: 2))
        #expect(talk.say("MAIL FROM:<@>").hasPrefix("553 "))
        #expect(talk.say("MAIL FROM:<a@example.org>").hasPrefix("250 "))
        talk.say("RSET")
        #expect(talk.say("MAIL FROM:<a@example.org>") == "452 4.5.3 2 messages a connection are the limit\n")
    }

    @Test func `The number of recipients is kept to in every message`() {
        var talk = talk(SMTPServerSessionLimits(recipients: 2))
        for _ in 1...2 {
            talk.say("MAIL FROM:<a@example.org>")
            #expect(talk.say("RCPT TO:<gone@example.org>").hasPrefix("550 "))
            #expect(talk.say("RCPT TO:<b@example.org>").hasPrefix("250 "))
            #expect(talk.say("RCPT TO:<c@example.org>").hasPrefix("452 4.5.3 "))
            #expect(talk.say("BDAT 0 LAST").hasPrefix("250 "))
        }
        #expect(talk.messages.map(\.recipients.count) == [1, 1])
    }

    @Test func `The number of domains is kept to over the connection`() {
        var talk = talk(SMTPServerSessionLimits(recipientDomains: 1))
        talk.say("MAIL FROM:<a@example.org>")
        #expect(talk.say("RCPT TO:<gone@example.org>").hasPrefix("550 "))
        #expect(talk.say("RCPT TO:<b@one.example>").hasPrefix("250 "))
        #expect(talk.say("RCPT TO:<c@ONE.example>").hasPrefix("250 "))
        #expect(talk.say("RCPT TO:<d@two.example>").hasPrefix("452 4.5.3 "))
        talk.say("RSET\nMAIL FROM:<a@example.org>")
        #expect(talk.say("RCPT TO:<d@two.example>").hasPrefix("452 4.5.3 "))
    }

    @Test func `Limits can be hidden, and removed`() {
        for isHidden in [true, false] {
            var talk = Conversation {
                $0.sessionLimits = SMTPServerSessionLimits(recipients: 1)
                if isHidden { $0.hiddenExtensions = [.limits] } else { $0.extensions.remove(.limits) }
            }
            #expect(!talk.say("EHLO c").contains("LIMITS"))
            talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
            #expect(talk.say("RCPT TO:<c@example.org>").hasPrefix(isHidden ? "452 " : "250 "))
        }
    }
}
