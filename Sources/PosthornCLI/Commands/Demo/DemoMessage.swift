import Posthorn
import PosthornMIME

/// The message that the demonstration sends: text, HTML, an image within it, and an attachment.
struct DemoMessage {
    static let sender = "Posthorn <demo@posthorn.example>"
    static let recipient = "Käthe Muster <kaethe@supplier.example>"
    static let subject = "Auftrag 4711 – Grüße vom Posthorn"
    static let text = """
        Guten Tag,

        anbei der Auftrag 4711 mit Zeichnung.
        .
        A line with a single dot, which ends a message in SMTP, is no trouble.

        """
    static let html = """
        <html><body><p>Guten Tag,</p><p>anbei der Auftrag <b>4711</b> mit Zeichnung.</p>
        <p><img src="cid:logo.png" alt="Posthorn"></p></body></html>

        """
    static let imageName = "logo.png"
    static let attachmentName = "Küche 4711.bin"

    /// An image of one pixel (PNG).
    static let image: [UInt8] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
        0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1F, 0x15, 0xC4, 0x89, 0x00, 0x00, 0x00,
        0x0D, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0xF8, 0xCF, 0xC0, 0xF0, 0x1F, 0x00, 0x05, 0x00, 0x01, 0xFF,
        0x89, 0x99, 0x3D, 0x1D, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
    ]

    /// The attachment: every octet occurs, those too that mail must not carry as they are.
    let attachment = (0..<200_000).map { _ in UInt8.random(in: .min ... .max) }

    /// The message; who sends it says the settings file.
    func build() throws -> Message {
        try Message(
            to: [Self.recipient],
            subject: Self.subject,
            text: Self.text,
            html: Self.html,
            attachments: [.bytes(attachment, name: Self.attachmentName)],
            inline: [.inline(Self.image, contentID: Self.imageName, name: Self.imageName)]
        )
    }

    /// What must come back, in the order in which the message holds it.
    var expected: [(what: String, octets: [UInt8])] {
        [
            ("the text", Array(Self.text.utf8)), ("the HTML", Array(Self.html.utf8)), ("the image", Self.image),
            ("the attachment", attachment),
        ]
    }
}
