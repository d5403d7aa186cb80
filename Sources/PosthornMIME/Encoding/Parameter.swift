import Posthorn

/// Parameters of MIME fields such as `filename` (RFC 2045 section 5.1, RFC 2231).
enum Parameter {
    /// The longest line that is written; RFC 2231 cuts longer values into several parameters.
    private static let lineWidth = 76

    /// A parameter as pieces `attribute=value`, each short enough for a line of its own.
    ///
    /// - Parameter encoding: `.compatible` writes what is not ASCII as encoded words in quotation marks.
    static func named(_ attribute: String, _ value: String, _ encoding: FileNameEncoding) -> [String] {
        let isASCII = value.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        let looksEncoded = value.utf8.starts(with: "=?".utf8)
        if isASCII, value.utf8.count <= 60, !looksEncoded {
            return ["\(attribute)=\"\(escaped(value))\""]
        }
        guard encoding == .compatible else { return extended(attribute, value) }
        var encoder = EncodedWordEncoder(value, context: .phrase)
        var words: [String] = []
        // The first word shares its line with the attribute.
        while let word = encoder.next(room: words.isEmpty ? lineWidth - attribute.utf8.count - 4 : lineWidth - 2) {
            words.append(String(decoding: word, as: UTF8.self))
        }
        return ["\(attribute)=\"\(words.joined(separator: "\r\n "))\""]
    }

    /// RFC 2231: `filename*=utf-8''…`, cut into `filename*0*=…`, `filename*1*=…` where it is long.
    private static func extended(_ attribute: String, _ value: String) -> [String] {
        var encoded: [String] = [""]
        // Room for ` attribute*999*=utf-8''…;`
        let width = lineWidth - attribute.utf8.count - 16
        for scalar in value.unicodeScalars {
            // By characters: some readers decode every piece by itself.
            let piece = UTF8.encode(scalar).map { octets in
                octets.map { staysInExtended($0) ? String(UnicodeScalar($0)) : percent($0) }.joined()
            }
            guard let piece else { continue }
            if encoded[encoded.count - 1].utf8.count + piece.utf8.count > width { encoded.append("") }
            encoded[encoded.count - 1] += piece
        }
        if encoded.count == 1 { return ["\(attribute)*=utf-8''\(encoded[0])"] }
        return encoded.enumerated().map { index, piece in
            "\(attribute)*\(index)*=" + (index == 0 ? "utf-8''" : "") + piece
        }
    }

    /// `attribute-char` of RFC 2231 section 7.
    private static func staysInExtended(_ octet: UInt8) -> Bool {
        MIMEText.isTokenOctet(octet) && octet != UInt8(ascii: "*") && octet != UInt8(ascii: "'")
            && octet != UInt8(ascii: "%")
    }

    private static func percent(_ octet: UInt8) -> String {
        "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// A field's value with its parameters, on new lines where they are long.
    static func value(_ first: String, _ parameters: [String]) -> HeaderValue {
        var text = first
        // Room for the longest name, `Content-Disposition: `.
        var column = first.utf8.count + 21
        for parameter in parameters {
            // A parameter of several lines begins on one of its own.
            let width = parameter.utf8.count + 2
            if column + width < lineWidth {
                text += "; " + parameter
                column += width
            } else {
                text += ";\r\n " + parameter
                column = parameter.utf8.contains(0x0A) ? lineWidth : width
            }
        }
        return .raw(Array(text.utf8))
    }
}
