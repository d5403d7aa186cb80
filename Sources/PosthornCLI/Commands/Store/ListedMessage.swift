import Posthorn
import PosthornMIME

/// A line of the list.
struct ListedMessage {
    private let message: StoredMessage
    private let header: ParsedMessage?

    init(_ message: StoredMessage, header: [UInt8]?) {
        self.message = message
        self.header = header.map { ParsedMessage($0) }
    }

    func tell(on console: Console) {
        console.emit([
            "id": .string(message.id.description), "id_lasts": .bool(message.isIDLasting),
            "size": message.size.map { .number(Int64(clamping: $0)) } ?? .null,
            "subject": .text(header?.subject), "date": .text(date), "message_id": .text(header?.messageID),
            "from": header.map { header in
                .array(header.from.map { ["name": .text($0.name), "address": .string($0.address)] })
            } ?? .null,
        ])
        let size = message.size.map { Size.text($0) } ?? ""
        guard let header else {
            console.say("\(size.padded(to: 12))\(PeerText.shown(message.id.description, limit: 100))")
            return
        }
        let sender = header.from.first.map { $0.name ?? $0.address } ?? "(no sender)"
        let subject = header.subject.map { $0.isEmpty ? "(no subject)" : $0 } ?? "(no subject)"
        let day = String((date ?? "").prefix(16)).replacing("T", with: " ")
        console.say(
            "\(day.padded(to: 18))\(size.padded(to: 12))\(PeerText.shown(sender, limit: 28).padded(to: 30))"
                + PeerText.shown(subject, limit: 200)
        )
    }

    private var date: String? {
        header?.date.flatMap { DateField.internetDateTime(secondsSinceEpoch: $0.secondsSinceEpoch) }
    }
}
