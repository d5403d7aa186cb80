import Posthorn
import Testing

@testable import PosthornMIME

@Suite struct ReportsAndTNEFTests {
    private func message(_ text: String) -> ParsedMessage { ParsedMessage(Array(text.utf8)) }

    @Test func `a delivery report is found in its message`() throws {
        let message = message(
            """
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b

            It did not work.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.org
            Arrival-Date: Mon, 23 Nov 2026 20:24:43 +0100

            Final-Recipient: rfc822; a@example.org
            Action: failed
            Status: 5.1.1
            Last-Attempt-Date: Mon, 23 Nov 2026 20:24:44 +0100
            --b
            Content-Type: text/rfc822-headers

            Subject: x
            --b--

            """
        )
        let report = try #require(try message.deliveryStatus)
        #expect(report.recipients.map(\.action) == [.failed] && report.recipients.first?.status?.detail == 1)
        #expect(report.arrivalDate?.secondsSinceEpoch == 1_795_461_883)
        #expect(report.recipients.first?.lastAttemptDate?.secondsSinceEpoch == 1_795_461_884)
        #expect(try message.dispositionNotification == nil && message.feedbackReport == nil)
        #expect(try message.plainText() == "It did not work.")
    }

    @Test func `notifications and feedback reports are found`() throws {
        let notification = message(
            "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@b.example\n"
                + "Disposition: manual-action/MDN-sent-manually; displayed\n"
        )
        #expect(try notification.dispositionNotification?.disposition?.type == .displayed)
        let feedback = message(
            "Content-Type: message/feedback-report\nContent-Transfer-Encoding: quoted-printable\n\nFeedback-Type: abuse\n"
                + "User-Agent: x/1\nVersion: 1\nReceived-Date: Mon, 23 Nov 2026 20:24:43 +0100\n"
        )
        #expect(try feedback.feedbackReport?.type == .abuse)
        #expect(try feedback.feedbackReport?.arrivalDate?.secondsSinceEpoch == 1_795_461_883)
    }

    @Test func `a winmail.dat gives its parts, with texts in any code page`() throws {
        var writer = TNEFWriter(codePage: 1251)
        writer.attachment(title: "a.txt", Array("data".utf8), properties: [])
        writer.properties([TNEFWriter.counted(0x1000_001E, [[0xCF, 0xF0, 0xE8, 0]])])
        let encoded = String(decoding: Base64Encoder.encode(writer.octets), as: UTF8.self)
        let message = message(
            "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n\(encoded)\r\n"
        )
        let part = try #require(message.leaves.first)
        #expect(part.isTNEF)
        #expect(try part.tnefMessage()?.plainBody == "При")
        let parts = try part.tnefParts()
        #expect(parts.map(\.fileName) == [nil, "a.txt"])
        #expect(parts.last.map { Array($0.octets) } == Array("data".utf8))
        let other = self.message("Content-Type: text/plain; name=winmail.dat\n\nno stream\n")
        #expect(try other.leaves[0].isTNEF && other.leaves[0].tnefParts().isEmpty)
    }
}
