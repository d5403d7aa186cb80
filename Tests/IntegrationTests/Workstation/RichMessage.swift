import Foundation
import PosthornMIME
import TestSupport

/// The message that business mail is made of: text, HTML, an inline image, attachments with names in three scripts, an
/// invitation.
struct RichMessage {
    static let subject = "Grüße 📯"
    static let text = "Guten Tag, Herr Müller,\r\n\r\n.hier beginnt eine Zeile mit einem Punkt,\r\nдо свидания 👋\r\n"
    static let html =
        "<html><body><p>Guten Tag, Herr Müller</p>\r\n<img src=\"cid:logo@posthorn.test\" alt=\"Logo\">\r\n</body></html>\r\n"
    static let calendar = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Posthorn//Test//DE", "METHOD:REQUEST", "BEGIN:VEVENT",
        "UID:4711@posthorn.test", "DTSTAMP:20260601T080000Z", "DTSTART:20260610T090000Z", "DTEND:20260610T100000Z",
        "SUMMARY:Aufmaß Küche Müller", "ORGANIZER:mailto:info@posthorn.test", "END:VEVENT", "END:VCALENDAR", "",
    ].joined(separator: "\r\n")

    /// The image that the HTML shows.
    static let image = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + octets(3_000, seed: 1)

    /// Name, type and content of the attachments: Latin, Cyrillic, Chinese with an emoji.
    static let attachments: [(name: String, type: String, octets: [UInt8])] = [
        ("Bestellübersicht Größe.pdf", "application/pdf", octets(10_007, seed: 2)),
        ("Отчёт за июнь.csv", "text/csv", Array("Позиция;Цена\nlone LF\r\nCRLF\rlone CR\n.\n..\nend".utf8)),
        ("訂單確認 📎.bin", "application/octet-stream", octets(65_536, seed: 3) + [0, 13, 10, 46, 13, 10, 0]),
    ]

    /// Builds the message; the second attachment and the image come from files in `directory`.
    static func make(in directory: TemporaryDirectory, to: [String], cc: [String], bcc: [String]) throws -> Message {
        let image = try directory.write(Self.image, to: "logo.png")
        let attached = try attachments.enumerated().map { index, item in
            guard index == 1 else { return Attachment.bytes(item.octets, name: item.name, contentType: item.type) }
            return .file(try directory.write(item.octets, to: item.name).path, contentType: item.type)
        }
        return try Message(
            to: to,
            cc: cc,
            bcc: bcc,
            subject: subject,
            text: text,
            html: html,
            attachments: attached,
            inline: [.inline(file: image.path, contentID: "logo@posthorn.test")],
            calendar: CalendarInvitation(text: calendar)
        )
    }
}
