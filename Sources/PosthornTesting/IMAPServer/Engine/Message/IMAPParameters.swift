/// A value with parameters, as Content-Type and Content-Disposition have them (RFC 2045 section 5.1).
struct IMAPParameters: Sendable {
    /// What stands before the first semicolon.
    let main: String
    let parameters: [(name: String, value: [UInt8])]

    private static let limit = 100

    init(_ value: [UInt8]) {
        var pieces: [[UInt8]] = [[]]
        var isQuoted = false
        var isEscaped = false
        // Comments are rare here and not known.
        for octet in value {
            if isEscaped {
                isEscaped = false
            } else if octet == IMAPText.backslash, isQuoted {
                isEscaped = true
            } else if octet == IMAPText.quote {
                isQuoted.toggle()
            } else if octet == UInt8(ascii: ";"), !isQuoted, pieces.count <= Self.limit {
                pieces.append([])
                continue
            }
            pieces[pieces.count - 1].append(octet)
        }
        main = String(decoding: IMAPText.trimmed(pieces[0]), as: UTF8.self)
        parameters = pieces.dropFirst().compactMap { piece in
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = String(decoding: IMAPText.trimmed(Array(piece[..<equals])), as: UTF8.self)
            return (name, Self.unquoted(IMAPText.trimmed(Array(piece[(equals + 1)...]))))
        }
    }

    /// The value of a parameter, by its name in any case.
    subscript(name: String) -> [UInt8]? {
        parameters.first { $0.name.lowercased() == name }?.value
    }

    private static func unquoted(_ octets: [UInt8]) -> [UInt8] {
        guard octets.count >= 2, octets.first == IMAPText.quote, octets.last == IMAPText.quote else { return octets }
        var value: [UInt8] = []
        var isEscaped = false
        for octet in octets.dropFirst().dropLast() {
            if octet == IMAPText.backslash, !isEscaped {
                isEscaped = true
            } else {
                value.append(octet)
                isEscaped = false
            }
        }
        return value
    }
}
