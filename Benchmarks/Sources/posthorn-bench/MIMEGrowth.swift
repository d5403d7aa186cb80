import Posthorn
import PosthornMIME

/// Messages that were built to be slow to read, each in three sizes, each twice the one before: `mime-growth`. Time must grow
/// as the size does.
struct MIMEGrowth {
    private struct Case: Sendable {
        var name: String
        var count: Int
        var message: @Sendable (Int) -> [UInt8]
    }

    private static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let cases = [
        Case(name: "header fields", count: 50_000) { count in
            octets((0..<count).map { "X-Field-\($0): value\r\n" }.joined() + "\r\ntext\r\n")
        },
        Case(name: "nested multiparts", count: 5_000) { count in
            octets(
                (0..<count).map { "Content-Type: multipart/mixed; boundary=b\($0)\r\n\r\n--b\($0)\r\n" }.joined()
                    + "\r\ntext\r\n"
            )
        },
        Case(name: "nested messages", count: 20_000) { count in
            octets(String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: count) + "text\r\n")
        },
        Case(name: "parts", count: 20_000) { count in
            octets(
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                    + String(repeating: "--b\r\n\r\nx\r\n", count: count)
                    + "--b--\r\n"
            )
        },
        Case(name: "beginnings of boundaries", count: 200_000) { count in
            octets(
                "Content-Type: multipart/mixed; boundary=boundary\r\n\r\n"
                    + String(repeating: "--boundar\r\n", count: count)
            )
        },
        Case(name: "beginnings of encoded words", count: 90_000) { count in
            octets("Subject: " + String(repeating: "=?utf-8?", count: count) + "\r\n\r\ntext\r\n")
        },
        Case(name: "encoded words", count: 40_000) { count in
            octets("Subject: " + String(repeating: "=?utf-8?q?=C3=A4?= ", count: count) + "\r\n\r\ntext\r\n")
        },
        Case(name: "commas between addresses", count: 500_000) { count in
            octets("To: a@example.org" + String(repeating: ",", count: count) + "b@example.org\r\n\r\ntext\r\n")
        },
        Case(name: "brackets in addresses", count: 30_000) { count in
            octets("To: " + String(repeating: "<(\"", count: count) + "\r\n\r\ntext\r\n")
        },
        Case(name: "continued parameters in disorder", count: 20_000) { count in
            let pieces = (0..<count).reversed().map { "; filename*\($0)*=%41" }.joined()
            return octets("Content-Disposition: attachment\(pieces)\r\n\r\ntext\r\n")
        },
        Case(name: "one line of base64", count: 4_000_000) { count in
            octets("Content-Transfer-Encoding: base64\r\n\r\n" + String(repeating: "QUJD", count: count))
        },
        Case(name: "spaces in quoted-printable", count: 8_000_000) { count in
            octets("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + String(repeating: " ", count: count) + "x")
        },
        Case(name: "spaces behind an equals sign", count: 500) { count in
            let line = "=" + String(repeating: " ", count: 4_000) + "x"
            return octets(
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + String(repeating: line, count: count)
            )
        },
        Case(name: "octets that are no characters", count: 4_000_000) { count in
            octets("Content-Type: text/plain; charset=utf-8\r\n\r\n") + [UInt8](repeating: 0xE2, count: count)
        },
    ]

    static func run() throws {
        print("case | size | ms | twice the size | four times")
        for example in cases {
            let messages = [1, 2, 4].map { example.message(example.count * $0) }
            let times = try messages.map { message in try (0..<9).map { _ in try time(message) }.min() ?? .zero }
            func ratio(_ place: Int) -> String {
                let ratio = times[place] / times[place - 1]
                return "\((ratio * 100).rounded() / 100)"
            }
            let milliseconds = Double(times[0].components.attoseconds / 1_000_000_000) / 1e6
            print("\(example.name) | \(messages[0].count) | \(milliseconds) | \(ratio(1)) | \(ratio(2))")
        }
    }

    /// Reads everything that a program could ask for.
    private static func time(_ octets: [UInt8]) throws -> Duration {
        try ContinuousClock().measure {
            let message = ParsedMessage(octets, limits: ParsingLimits(headerSize: 1 << 24, headerFields: 1_000_000))
            _ = (message.subject, message.from, message.to.count, message.date, message.attachments.count)
            _ = message.fields.reduce(0) { $0 + $1.name.utf8.count }
            for part in message.leaves {
                _ = (part.fileName, part.contentID)
                _ = try part.forEachTextPiece { _ in }
            }
        }
    }
}
