import PosthornMIME
import TestSupport
import Testing

@Suite(.computing) struct NotificationTests {
    private static let notification = """
        Reporting-UA: joes-pc.cs.example; Foomail 97.1
        MDN-Gateway: dns; gate.x.example
        Original-Recipient: rfc822;Joe_Recipient@x.example
        Final-Recipient: rfc822;joe@x.example
        Original-Message-ID: <1995@x.example>
        Disposition: Manual-Action/MDN-sent-Manually; Displayed/Error,
         Expired
        Failure: none
        Error: one
        Error: two
        Warning: w
        X-Own: 1
        """

    @Test func `A disposition notification is read`() {
        for end in ["\n", "\r\n", "\n\n"] {
            let text = Self.notification.replacing("\n", with: end).replacing("\n\n Expired", with: "\n Expired")
            let read = DispositionNotification(Array(text.utf8))
            #expect(read.isComplete)
            #expect(read.reportingUserAgent == .init(name: "joes-pc.cs.example", product: "Foomail 97.1"))
            #expect(read.gateway?.name == "gate.x.example")
            #expect(read.originalRecipient?.text == "Joe_Recipient@x.example")
            #expect(read.finalRecipient == ReportAddress(text: "joe@x.example"))
            #expect(read.originalMessageID == "<1995@x.example>")
            #expect(
                read.disposition
                    == Disposition(
                        actionMode: .manual,
                        sendingMode: .manual,
                        type: .displayed,
                        modifiers: ["error", "expired"]
                    )
            )
            #expect(read.failures == ["none"])
            #expect(read.errors == ["one", "two"])
            #expect(read.warnings == ["w"])
            #expect(read.fields["x-own"] == "1")
        }
        let empty = DispositionNotification([])
        #expect(empty.disposition == nil && empty.reportingUserAgent == nil && empty.errors.isEmpty)
    }

    @Test func `Dispositions with pieces missing are read`() {
        func read(_ text: String) -> Disposition? {
            DispositionNotification(Array("Disposition: \(text)".utf8)[...]).disposition
        }
        #expect(
            read("automatic-action / MDN-sent-automatically ; processed")
                == Disposition(actionMode: .automatic, sendingMode: .automatic, type: .processed)
        )
        #expect(read("manual-action;deleted") == Disposition(actionMode: .manual, sendingMode: nil, type: .deleted))
        #expect(
            read("MDN-sent-manually; displayed") == Disposition(actionMode: nil, sendingMode: .manual, type: .displayed)
        )
        #expect(read("displayed") == Disposition(actionMode: nil, sendingMode: nil, type: .displayed))
        #expect(read("denied/x") == Disposition(actionMode: nil, sendingMode: nil, type: .denied, modifiers: ["x"]))
        #expect(
            read("manual-action/MDN-sent-manually/displayed/error")
                == Disposition(actionMode: .manual, sendingMode: .manual, type: .displayed, modifiers: ["error"])
        )
        #expect(read(";") == Disposition(actionMode: nil, sendingMode: nil, type: .init("")))
        #expect(read("") == nil)
        #expect(read("a/b;dispatched (by rules)")?.type == .dispatched)
        #expect(read("x;failed/")?.modifiers == [])
    }

    private static let feedback = """
        Feedback-Type: Abuse
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Mail-From: <somespammer@x.example>
        Original-Rcpt-To: <user@muster.example>
        Original-Rcpt-To: other@muster.example
        Original-Envelope-Id: 77
        Arrival-Date: Thu, 8 Mar 2005 14:00:00 EDT
        Reporting-MTA: dns; mail.muster.example
        Source-IP: [IPv6:2001:db8::1]
        Source-Port: 2525
        Incidents: 12
        Authentication-Results: mail.muster.example;
                       spf=fail smtp.mail=somespammer@x.example
        Authentication-Results: second
        Reported-Domain: x.example
        Reported-Domain: y.example
        Reported-URI: http://x.example/earn_money.html
        Reported-URI: mailto:user@x.example
        Auth-Failure: SPF
        Delivery-Result: Reject
        Removal-Recipient: user@muster.example
        """

    @Test func `A feedback report is read`() {
        for end in ["\n", "\r\n"] {
            let read = FeedbackReport(Array(Self.feedback.replacing("\n", with: end).utf8))
            #expect(read.isComplete)
            #expect(read.type == .abuse)
            #expect(read.userAgent == "SomeGenerator/1.0")
            #expect(read.version == "1")
            #expect(read.originalMailFrom == "somespammer@x.example")
            #expect(read.originalRecipients == ["user@muster.example", "other@muster.example"])
            #expect(read.originalEnvelopeID == "77")
            #expect(read.arrivalDateText == "Thu, 8 Mar 2005 14:00:00 EDT")
            #expect(read.reportingMTA?.name == "mail.muster.example")
            #expect(read.sourceIP == "2001:db8::1")
            #expect(read.sourcePort == 2525)
            #expect(read.incidents == 12)
            #expect(
                read.authenticationResults == [
                    "mail.muster.example; spf=fail smtp.mail=somespammer@x.example", "second",
                ]
            )
            #expect(read.reportedDomains == ["x.example", "y.example"])
            #expect(read.reportedURIs == ["http://x.example/earn_money.html", "mailto:user@x.example"])
            #expect(read.authenticationFailure == "spf")
            #expect(read.deliveryResult == "reject")
            #expect(read.fields["removal-recipient"] == "user@muster.example")
        }
    }

    @Test func `Odd feedback is read`() {
        func read(_ text: String) -> FeedbackReport { FeedbackReport(Array(text.utf8)[...]) }
        #expect(read("").type == nil && read("").incidents == 1 && read("").sourceIP == nil)
        #expect(read("Incidents: 99999999999999999999").incidents == 1)
        #expect(read("Incidents: -3").incidents == 1)
        #expect(read("Source-Port: 70000").sourcePort == nil)
        #expect(read("Source-IP: 192.0.2.1").sourceIP == "192.0.2.1")
        #expect(read("Source-IP: [").sourceIP == "[")
        #expect(read("Received-Date: today").arrivalDateText == "today")
        #expect(read("Original-Mail-From: <>").originalMailFrom == "")
        #expect(read("Feedback-Type: not-spam (really)").type == .notSpam)
        #expect(read("Feedback-Type: x-new").type?.description == "x-new")
    }

    @Test func `Every beginning and every change is read`() {
        let wild: [UInt8] = [0, 0x0A, 0x0D, 0x20, 0x3A, 0x3B, 0x2F, 0x39, 0xFF]
        for text in [Self.notification, Self.feedback] {
            let octets = Array(text.utf8)
            func check(_ octets: ArraySlice<UInt8>) {
                let first = DispositionNotification(octets)
                let second = FeedbackReport(octets)
                _ = (
                    first.disposition, first.reportingUserAgent, first.finalRecipient, first.originalRecipient,
                    first.gateway
                )
                _ = (second.type, second.sourceIP, second.sourcePort, second.incidents, second.originalMailFrom)
                #expect(Array(first.fields) == Array(second.fields))
            }
            for count in 0...octets.count { check(octets[..<count]) }
            for index in octets.indices {
                for octet in wild {
                    var changed = octets
                    changed[index] = octet
                    check(changed[...])
                }
            }
        }
    }
}
