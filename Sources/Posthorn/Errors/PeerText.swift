/// Text that came from a peer (a server's reply, a certificate, a file name), made fit to be shown.
///
/// Terminal escape sequences and line breaks inside such text could forge log lines or drive a
/// terminal, so every control character is written as an escape.
public enum PeerText {
    /// The text with C0, C1, DEL and bidirectional controls as `\x1B`-like escapes, cut after `limit` characters.
    public static func shown(_ text: String, limit: Int = 500) -> String {
        // Nearly every text is plain.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count >= limit {
                shown += "…"
                break
            }
            count += 1
            switch scalar.value {
            case 0x20..<0x7F, 0xA0..<0x200E, 0x2010..<0x2028, 0x202F..<0x2066, 0x206A...:
                shown.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                shown += scalar.value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
            }
        }
        return shown
    }

    /// The bytes as UTF-8 (invalid sequences become U+FFFD), then as ``shown(_:limit:)-(String,_)``.
    public static func shown(_ bytes: some Sequence<UInt8>, limit: Int = 500) -> String {
        // At most four bytes make one character: what lies beyond cannot be shown anyway.
        let head = Array(bytes.prefix(limit &* 4 &+ 4))
        return shown(String(decoding: head, as: UTF8.self), limit: limit)
    }
}
