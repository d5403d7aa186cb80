/// Text that a peer controls, made fit for an error sentence: no control character reaches a terminal or a log, and no
/// name is longer than a reader can take in.
enum PeerText {
    /// The octets as text; everything that is not printable ASCII or a well-formed printable scalar is shown as `\xNN`.
    static func escaped(_ octets: UnsafeRawBufferPointer, limit: Int = 120) -> String {
        let isCut = octets.count > limit
        let text = String(decoding: octets.prefix(limit), as: UTF8.self)
        return escaped(text, limit: limit) + (isCut && text.unicodeScalars.count <= limit ? "…" : "")
    }

    /// The text with control characters (C0, DEL, C1), line separators and directional marks shown as `\xNN`, cut.
    static func escaped(_ text: String, limit: Int = 120) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return result + "…" }
            count += 1
            if isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\x" + (digits.utf8.count < 2 ? "0" + digits : digits)
            }
        }
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }

    /// A list as a person would write it, with at most four entries named: `a, b and c`.
    static func list(_ items: [String], empty: String) -> String {
        guard let last = items.last else { return empty }
        if items.count == 1 { return last }
        if items.count > 4 {
            return items.prefix(4).joined(separator: ", ") + " and \(items.count - 4) more"
        }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
