import Posthorn
import PosthornMIME

/// What `posthorn inspect` tells about one message.
struct MessageReport {
    private let name: String
    private let message: ParsedMessage
    private let parts: [PartReport]
    private let defects: [MessageDefect]

    /// Reads and decodes every part.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` or `storage`.
    init(_ message: ParsedMessage, name: String, folder: PartFolder?) throws {
        self.name = name
        self.message = message
        parts = try message.leaves.map { try PartReport($0, folder: folder) }
        defects = message.defects + parts.flatMap(\.defects)
    }

    var json: JSONValue {
        [
            "file": .string(name),
            "subject": .text(message.subject),
            "from": json("From", message.from),
            "to": json("To", message.to),
            "cc": json("Cc", message.cc),
            "date": .text(date),
            "message_id": .text(message.messageID),
            "parts": .array(parts.map(\.json)),
            "defects": .array(
                defects.map { defect in
                    [
                        "kind": .string(defect.kind.rawValue),
                        "offset": .number(Int64(clamping: defect.offset)),
                        "part": .string(defect.path),
                    ]
                }
            ),
        ]
    }

    private var date: String? {
        message.date.flatMap { DateField.internetDateTime(secondsSinceEpoch: $0.secondsSinceEpoch) }
    }

    /// `null` for a field that is not there.
    private func json(_ name: String, _ mailboxes: [ReadMailbox]) -> JSONValue {
        guard message.fields.first(name) != nil else { return .null }
        return .array(mailboxes.map { ["name": .text($0.name), "address": .string($0.address)] })
    }

    var lines: [String] {
        var lines = [PeerText.shown(name)]
        func row(_ label: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append("  \(label.padded(to: 12))\(PeerText.shown(text, limit: 400))")
        }
        row("Subject", message.subject)
        row("From", Self.text(message.from))
        row("To", Self.text(message.to))
        row("Cc", Self.text(message.cc))
        row("Date", date ?? message.fields["Date"])
        row("Message-ID", message.messageID)
        row("Size", "\(message.size) octets")
        let width = parts.map(\.part.path.count).max() ?? 1
        for part in parts { lines += part.lines(width: width).map { "  \($0)" } }
        for defect in defects { lines.append("  defect      \(defect)") }
        return lines
    }

    private static func text(_ mailboxes: [ReadMailbox]) -> String {
        let shown = mailboxes.prefix(10).map { mailbox in
            mailbox.name.map { "\($0) <\(mailbox.address)>" } ?? mailbox.address
        }
        return shown.joined(separator: ", ") + (mailboxes.count > 10 ? " and \(mailboxes.count - 10) more" : "")
    }
}

extension String {
    /// The text with spaces behind it, up to a width.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
