/// Quoted-printable (RFC 2045 section 6.7) of text with CRLF line ends, in lines of at most 76 characters.
enum QuotedPrintableEncoder {
    private static let lineWidth = 76
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// The encoded text. Its lines are those of the text, with soft line breaks in those that are long.
    static func encode(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 8)
        var column = 0
        var index = 0
        while index < text.count {
            let octet = text[index]
            if octet == 0x0D, index + 1 < text.count, text[index + 1] == 0x0A {
                output.append(0x0D)
                output.append(0x0A)
                column = 0
                index += 2
                continue
            }
            let isPlain = staysPlain(octet, at: index, in: text, isLineStart: column == 0)
            let width = isPlain ? 1 : 3
            // One column is left for the '=' of a soft line break, unless the line ends here anyway.
            let endsHere = index + 1 == text.count || (text[index + 1] == 0x0D && isLineEnd(text, index + 1))
            if column + width > (endsHere ? lineWidth : lineWidth - 1) {
                output.append(contentsOf: [UInt8(ascii: "="), 0x0D, 0x0A])
                column = 0
                continue
            }
            if isPlain {
                output.append(octet)
            } else {
                output.append(UInt8(ascii: "="))
                output.append(digits[Int(octet >> 4)])
                output.append(digits[Int(octet & 15)])
            }
            column += width
            index += 1
        }
        return output
    }

    private static func isLineEnd(_ text: [UInt8], _ index: Int) -> Bool {
        index == text.count || (index + 1 < text.count && text[index] == 0x0D && text[index + 1] == 0x0A)
    }

    private static func staysPlain(_ octet: UInt8, at index: Int, in text: [UInt8], isLineStart: Bool) -> Bool {
        switch octet {
        case UInt8(ascii: "="): return false
        // Space at the end of a line would be taken for padding and removed.
        case 0x20, 0x09: return !isLineEnd(text, index + 1)
        // A lone dot ends a message in SMTP; transports double it, but not all of them do.
        case UInt8(ascii: "."): return !isLineStart
        // Mailboxes in the mbox format put '>' before such a line.
        case UInt8(ascii: "F"):
            return !(isLineStart && text[index...].starts(with: "From ".utf8))
        case 0x21...0x7E: return true
        default: return false
        }
    }
}
