import Posthorn
import PosthornMIME
import TestSupport
import Testing

@Suite(.computing) struct DeliveryStatusTests {
    private func read(_ text: String) -> DeliveryStatusReport { DeliveryStatusReport(Array(text.utf8)) }

    private static let sample = """
        Reporting-MTA: dns; mail.muster.example
        X-Postfix-Queue-ID: 4Fx
        Original-Envelope-Id: QQ+2B314
        DSN-Gateway: dns; gate.muster.example
        Received-From-MTA: dns; client.muster.example
        Arrival-Date: Mon,  3 Jun 2024 10:00:00 +0200 (CEST)

        Final-Recipient: rfc822; anna@x.example
        Original-Recipient: rfc822;anna+2Bnews@x.example
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; mx.x.example
        Diagnostic-Code: smtp; 550-5.1.1 The mailbox
            550 5.1.1 does not exist
        Last-Attempt-Date: Mon, 3 Jun 2024 10:00:02 +0200
        Final-Log-ID: 17

        X-First: 1
        Final-Recipient: RFC822; <bert@x.example>
        Action: Delayed (still trying)
        Status: 4.4.1 (no answer)
        Will-Retry-Until: Sat, 8 Jun 2024 10:00:00 +0200
        X-Own: yes

        """

    private func check(_ report: DeliveryStatusReport) {
        #expect(report.isComplete)
        #expect(report.reportingMTA == ReportHost(type: "dns", name: "mail.muster.example"))
        #expect(report.gateway?.name == "gate.muster.example")
        #expect(report.receivedFromMTA?.description == "dns; client.muster.example")
        #expect(report.arrivalDateText == "Mon,  3 Jun 2024 10:00:00 +0200 (CEST)")
        #expect(report.originalEnvelopeID == "QQ+2B314")
        #expect(report.originalEnvelopeIDDecoded == "QQ+314")
        #expect(report.fields["x-postfix-queue-id"] == "4Fx")
        #expect(report.recipients.count == 2)
        guard report.recipients.count == 2 else { return }
        let first = report.recipients[0]
        #expect(first.finalRecipient == ReportAddress(text: "anna@x.example"))
        #expect(first.originalRecipient?.text == "anna+2Bnews@x.example")
        #expect(first.originalRecipient?.xtextDecoded == "anna+news@x.example")
        #expect(first.finalRecipient?.xtextDecoded == nil)
        #expect(first.action == .failed)
        #expect(first.status == EnhancedStatus(5, 1, 1))
        #expect(first.remoteMTA?.name == "mx.x.example")
        #expect(first.diagnosticCode?.type == "smtp")
        #expect(first.diagnosticCode?.text == "550-5.1.1 The mailbox 550 5.1.1 does not exist")
        #expect(first.diagnosticCode?.reply?.code == 550)
        #expect(first.diagnosticCode?.reply?.enhancedStatus == EnhancedStatus(5, 1, 1))
        #expect(first.diagnosticCode?.reply?.text == "The mailbox 550 5.1.1 does not exist")
        #expect(first.lastAttemptDateText == "Mon, 3 Jun 2024 10:00:02 +0200")
        #expect(first.finalLogID == "17")
        let second = report.recipients[1]
        #expect(second.finalRecipient?.description == "rfc822; bert@x.example")
        #expect(second.action == .delayed)
        #expect(second.statusText == "4.4.1 (no answer)")
        #expect(second.status == EnhancedStatus(4, 4, 1))
        #expect(second.willRetryUntilText == "Sat, 8 Jun 2024 10:00:00 +0200")
        #expect(second.fields["X-Own"] == "yes")
        #expect(second.diagnosticCode == nil)
    }

    @Test func `A report is read`() {
        let report = read(Self.sample)
        check(report)
        #expect(report.recipients.last?.fields["X-First"] == "1")
        #expect(DeliveryStatusReport(Array(Self.sample.utf8)[...]) == report)
        #expect(read("") == read("\r\n"))
        #expect(read("").recipients.isEmpty)
    }

    @Test func `Line ends, case and empty lines do not matter`() {
        check(read(Self.sample.replacing("\n", with: "\r\n")))
        check(read(Self.sample.replacing("\n", with: "\r")))
        check(read(Self.sample.replacing("\n", with: "\r\n\r\n").replacing("\r\n\r\n    ", with: "\r\n    ")))
        check(read("\n\n" + Self.sample.replacing("\n\n", with: "\n \n\n\n")))
        check(read(Self.sample.replacing("\n\n", with: "\n").replacing("X-First: 1\n", with: "")))
        check(read(Self.sample.replacing("Recipient:", with: "RECIPIENT :").replacing("Action", with: "aCTION")))
        check(read(Self.sample.replacing("X-Own: yes", with: "X-Own: yes\n\nX-More: 2")))
        #expect(read("\nFinal-Recipient: rfc822; a\n\nReporting-MTA: dns; b\n").reportingMTA?.name == "b")
    }

    @Test func `Recipients are told apart without empty lines`() {
        func names(_ text: String) -> [String] {
            read(text).recipients.map { recipient in
                [recipient.originalRecipient?.text, recipient.finalRecipient?.text, recipient.action?.rawValue]
                    .map { $0 ?? "-" }.joined(separator: " ")
            }
        }
        #expect(
            names("Final-Recipient: ;a\nOriginal-Recipient: ;b\nAction: failed\nFinal-Recipient: ;c\nAction: relayed")
                == ["b a failed", "- c relayed"]
        )
        #expect(
            names("Final-Recipient: ;a\nAction: failed\nOriginal-Recipient: ;b\nFinal-Recipient: ;c\nAction: relayed")
                == ["- a failed", "b c relayed"]
        )
        #expect(
            names("Original-Recipient: ;a\nFinal-Recipient: ;b\n\nAction: failed\n\nOriginal-Recipient: ;c")
                == ["a b failed", "c - -"]
        )
        #expect(names("Action: expanded") == ["- - expanded"])
    }

    @Test func `Values with pieces missing are read`() {
        let recipient = read("Final-Recipient: anna@x.example\nStatus: broken\nDiagnostic-Code: no; such\nRemote-MTA:")
            .recipients[0]
        #expect(recipient.finalRecipient == ReportAddress(type: "", text: "anna@x.example"))
        #expect(recipient.finalRecipient?.description == "anna@x.example")
        #expect(recipient.status == nil)
        #expect(recipient.statusText == "broken")
        #expect(recipient.remoteMTA == nil)
        #expect(recipient.action == nil)
        for (text, status) in [
            ("5.1", nil), ("5.1.1234", nil), ("3.1.1", nil), ("5.1.1.1", nil), ("5.1.1.", EnhancedStatus(5, 1, 1)),
            ("", nil),
            ("2.999.0", EnhancedStatus(2, 999, 0)), ("5..1", nil), ("5.7.x", nil),
        ] as [(String, EnhancedStatus?)] {
            #expect(read("Status: \(text)\nAction: failed").recipients.first?.status == status)
        }
    }

    @Test func `Answers are read as far as they are some`() {
        func code(_ text: String) -> DiagnosticCode? {
            read("Diagnostic-Code: \(text)").recipients.first?.diagnosticCode
        }
        #expect(code("550 no; never")?.type == "")
        #expect(code("550 no; never")?.reply?.text == "no; never")
        #expect(code("smtp;421 later")?.reply?.isTransient == true)
        #expect(code("smtp;421")?.reply?.text == "")
        #expect(code("X-Unix; 550 x")?.reply == nil)
        #expect(code("smtp; 5500 x")?.reply == nil)
        #expect(code("smtp; 999 x")?.reply == nil)
        #expect(code("smtp; user unknown")?.reply == nil)
        #expect(code("X-Unix; 550 x")?.description == "x-unix; 550 x")
    }

    @Test func `Addresses beyond ASCII are read`() {
        let recipient = read(
            "Original-Recipient: utf-8; j\\x{FC}rg@x.example\nFinal-Recipient: UTF-8;jürg@x.example\nAction: relayed"
        ).recipients[0]
        #expect(recipient.originalRecipient == ReportAddress(type: "utf-8", text: "jürg@x.example"))
        #expect(recipient.finalRecipient == recipient.originalRecipient)
        #expect(read("Final-Recipient: rfc822; \\x{FC}").recipients[0].finalRecipient?.text == "\\x{FC}")
    }

    @Test func `Every beginning and every change of a report is read`() {
        let octets = Array(Self.sample.utf8)
        for count in 0...octets.count { _ = summary(DeliveryStatusReport(octets[..<count])) }
        var random = SeededGenerator(seed: 1)
        let wild: [UInt8] = [0, 0x0A, 0x0D, 0x20, 0x3A, 0x3B, 0x2E, 0x39, 0xFF, 0x5C, 0x2B]
        for index in octets.indices {
            for octet in wild {
                var changed = octets
                changed[index] = octet
                changed[Int.random(in: octets.indices, using: &random)] = wild.randomElement(using: &random) ?? 0
                let report = DeliveryStatusReport(changed)
                _ = summary(report)
                #expect(report.fields.count + report.recipients.reduce(0) { $0 + $1.fields.count } <= 24)
            }
        }
    }

    /// Reads everything.
    private func summary(_ report: DeliveryStatusReport) -> String {
        "\([report.reportingMTA, report.gateway, report.receivedFromMTA])\(report.originalEnvelopeIDDecoded ?? "")"
            + report.recipients.map {
                "\([$0.finalRecipient, $0.originalRecipient])\($0.originalRecipient?.xtextDecoded ?? "")\($0.action as Any)"
                    + "\($0.status as Any)\($0.diagnosticCode?.reply as Any)\($0.remoteMTA as Any)"
            }.joined()
    }
}
