import Posthorn

/// Finds the name of a message in the server's queue in the text of the final reply.
///
/// No RFC says how it is written; these are the habits of the servers in use: Postfix and most others
/// `queued as X`, Exim `OK id=X`, Exchange `[InternalId=X, …]`, sendmail `X Message accepted for delivery`,
/// qmail `ok TIME qp X`, Gmail `OK  TIME X - gsmtp`, Dovecot `X Saved`.
enum SMTPQueueID {
    static func find(in reply: SMTPReply) -> String? {
        let text = reply.text
        if let name = afterQueuedAs(text) { return name }
        // A status and one word, as `2.0.0 Ok`, name nothing.
        guard text.count > 32 || text.contains(UInt8(ascii: "=")) || text.count(where: { $0 == 0x20 }) > 1 else {
            return nil
        }
        // The last line: multi-line final replies carry it there.
        guard let last = reply.lines.last else { return nil }
        let words = String(decoding: last.prefix(1_000), as: UTF8.self)
            .split { $0 == " " || $0 == "[" || $0 == "]" || $0 == "," || $0 == "<" || $0 == ">" }
            .map(String.init)
        for (index, word) in words.enumerated() {
            let lower = word.lowercased()
            if lower == "as", index > 0, words[index - 1].lowercased() == "queued" {
                return words[(index + 1)...].first.flatMap(valid)
            }
            if lower.hasPrefix("id=") { return valid(String(word.dropFirst(3))) }
            if lower.hasPrefix("internalid=") { return valid(String(word.dropFirst(11))) }
            if lower == "message", index > 0, words[(index + 1)...].first?.lowercased() == "accepted" {
                return looksLikeName(words[index - 1])
            }
            if lower == "saved", index > 0 { return looksLikeName(words[index - 1]) }
            if lower == "qp", index > 0 { return words[(index + 1)...].first.flatMap(looksLikeName) }
            if lower == "gsmtp", index > 1, words[index - 1] == "-" { return looksLikeName(words[index - 2]) }
        }
        return nil
    }

    /// The word behind `queued as`, which most servers write, in a reply of one line.
    private static let mark = Array("queued as ".utf8)

    private static func afterQueuedAs(_ text: [UInt8]) -> String? {
        guard text.count <= 512 else { return nil }
        var start = 0
        while start + mark.count < text.count {
            if text[start] == mark[0], text[start..<(start + mark.count)].elementsEqual(mark) {
                let word = text[(start + mark.count)...].prefix {
                    (0x30...0x39).contains($0) || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A
                }
                let next = start + mark.count + word.count
                guard next == text.count, (4...64).contains(word.count) else { return nil }
                return String(decoding: word, as: UTF8.self)
            }
            start += 1
        }
        return nil
    }

    /// A word whose place alone does not say that it is a name: with a digit, and no enhanced status code (`2.0.0`).
    private static func looksLikeName(_ word: String) -> String? {
        guard let name = valid(word), name.utf8.count >= 4, name.utf8.contains(where: { (0x30...0x39).contains($0) })
        else { return nil }
        return EnhancedStatusParser.status(in: Array(name.utf8)[...], of: 200) == nil ? name : nil
    }

    /// A queue name is one short word of visible ASCII.
    private static func valid(_ word: String) -> String? {
        let trimmed = word.hasSuffix(".") || word.hasSuffix(";") ? String(word.dropLast()) : word
        let isWord = (1...100).contains(trimmed.utf8.count) && trimmed.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
        return isWord ? trimmed : nil
    }
}
