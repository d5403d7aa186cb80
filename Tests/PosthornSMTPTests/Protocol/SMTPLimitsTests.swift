import Posthorn
import TestSupport
import Testing

@testable import PosthornSMTP

/// What a server announces about itself beside its extensions.
@Suite(.computing) struct SMTPLimitsTests {
    private func limits(_ lines: String) -> [Int?] {
        let limits = SMTPLimits(SMTPCapabilities(reply: reply(250, "x\n" + lines)))
        return [limits.transactions, limits.recipients, limits.domains]
    }

    @Test(
        arguments: [
            ("LIMITS MAILMAX=10 RCPTMAX=5 RCPTDOMAINMAX=1", [10, 5, 1]),
            ("limits rcptmax=5", [nil, 5, nil]),
            ("LIMITS", [nil, nil, nil]),
            ("8BITMIME", [nil, nil, nil]),
            ("LIMITS NEWLIMIT=3 MAILMAX=999999", [999_999, nil, nil]),
            ("LIMITS MAILMAX=0 RCPTMAX=-1 RCPTDOMAINMAX=+", [nil, nil, nil]),
            ("LIMITS MAILMAX=1000000", [nil, nil, nil]),
            ("LIMITS MAILMAX RCPTMAX= =5 RCPTDOMAINMAX=5=5", [nil, nil, nil]),
            ("LIMITS MAILMAX=99999999999999999999999", [nil, nil, nil]),
            ("LIMITS MAILMAX=5\nLIMITS RCPTMAX=7", [5, 7, nil]),
            ("LIMITS MAILMAX=10 MAILMAX=20", [20, nil, nil]),
        ] as [(String, [Int?])]
    )
    func `limits are read, and what cannot be read limits nothing`(_ lines: String, _ expected: [Int?]) {
        #expect(limits(lines) == expected)
    }

    @Test func `a flood of limits is passed over`() {
        let many = (0..<1_000).map { "X\($0)=1" }.joined(separator: " ")
        #expect(limits("LIMITS \(many) MAILMAX=5") == [nil, nil, nil])
    }

    @Test(arguments: [
        ("[127.0.0.1] Dovecot ready.", true), ("mail.example.org Dovecot (Debian) ready.", true),
        ("mail.example.org ESMTP Postfix", false), ("", false), (String(repeating: "x", count: 512) + "Dovecot", false),
    ])
    func `a server that bears one message at a time is known by its greeting`(_ greeting: String, _ isKnown: Bool) {
        #expect(SMTPServerKind.isDovecot(reply(220, greeting)) == isKnown)
    }
}
