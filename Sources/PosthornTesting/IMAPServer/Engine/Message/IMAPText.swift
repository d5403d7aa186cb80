/// Octets as IMAP writes them (RFC 3501 section 4.3), and small things about octets.
enum IMAPText {
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let open = UInt8(ascii: "(")
    static let close = UInt8(ascii: ")")
    static let none: [UInt8] = Array("NIL".utf8)

    /// A string: quoted if it can be, otherwise a literal.
    static func append(string octets: [UInt8], to output: inout [UInt8]) {
        let kind = octets.withUnsafeBytes { bytes -> (isQuotable: Bool, hasEscapes: Bool) in
            var hasEscapes = false
            guard bytes.count <= 1_000 else { return (false, false) }
            for octet in bytes {
                if octet < 32 && octet != 9 || octet >= 127 { return (false, false) }
                if octet == quote || octet == backslash { hasEscapes = true }
            }
            return (true, hasEscapes)
        }
        guard kind.isQuotable else {
            output.append(contentsOf: Array("{\(octets.count)}\r\n".utf8))
            output.append(contentsOf: octets)
            return
        }
        output.append(quote)
        if kind.hasEscapes {
            for octet in octets {
                if octet == quote || octet == backslash { output.append(backslash) }
                output.append(octet)
            }
        } else {
            output.append(contentsOf: octets)
        }
        output.append(quote)
    }

    /// A string, or NIL.
    static func append(string octets: [UInt8]?, to output: inout [UInt8]) {
        if let octets { append(string: octets, to: &output) } else { output.append(contentsOf: none) }
    }

    static func append(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { output.append(contentsOf: UnsafeRawBufferPointer($0)) }
    }

    /// A string of a text: quoted or literal.
    static func string(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        append(string: Array(text.utf8), to: &output)
        return output
    }

    /// ASCII letters in lower case.
    static func lowercased(_ octets: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: octets.count) { buffer, count in
            octets.withUnsafeBytes { source in
                for index in 0..<source.count {
                    let octet = source[index]
                    buffer[index] = octet >= 65 && octet <= 90 ? octet | 32 : octet
                }
            }
            count = octets.count
        }
    }

    /// Without white space at both ends.
    static func trimmed(_ octets: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 || $0 == 10 }
        guard let first = octets.firstIndex(where: { !isSpace($0) }),
            let last = octets.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return first == 0 && last == octets.count - 1 ? octets : Array(octets[first...last])
    }
}
