import Posthorn
import PosthornNet

/// One complete reply of an SMTP or LMTP server (RFC 5321 section 4.2).
struct SMTPReply: Equatable, Sendable {
    /// The three-digit code, 200 to 599.
    var code: Int
    /// The text of all lines without codes, separated by LF; as the server sent it.
    var text: [UInt8]

    /// 2yz: the command was carried out.
    var isPositive: Bool { (200..<300).contains(code) }
    /// 4yz: refused for now.
    var isTransient: Bool { (400..<500).contains(code) }
    /// 5yz: refused for good.
    var isPermanent: Bool { (500..<600).contains(code) }

    /// The lines of the text.
    var lines: [ArraySlice<UInt8>] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// The enhanced status code at the beginning of the text (RFC 2034), if it agrees with the reply's class.
    var enhancedStatus: EnhancedStatus? {
        EnhancedStatusParser.status(in: text[...], of: code)?.status
    }

    /// The reply as a value for people and programs: escaped, cut, without the repeated enhanced codes.
    var value: ServerReply {
        var status: EnhancedStatus?
        guard text.count > 1_000 || text.contains(UInt8(ascii: "\n")) else {
            // One line, as nearly always.
            guard let found = EnhancedStatusParser.status(in: text[...], of: code) else {
                return ServerReply(code: code, text: String(decoding: text, as: UTF8.self))
            }
            let rest = text[found.end...].drop { $0 == UInt8(ascii: " ") }
            return ServerReply(
                code: code,
                enhancedStatus: found.status,
                text: String(decoding: rest, as: UTF8.self)
            )
        }
        var shown: [UInt8] = []
        for line in lines.prefix(32) {
            var rest = line
            if let found = EnhancedStatusParser.status(in: line, of: code) {
                status = status ?? found.status
                rest = line[found.end...].drop { $0 == UInt8(ascii: " ") }
            }
            if !shown.isEmpty { shown.append(UInt8(ascii: " ")) }
            shown.append(contentsOf: rest.prefix(1_000))
        }
        return ServerReply(code: code, enhancedStatus: status, text: String(decoding: shown, as: UTF8.self))
    }
}

extension SecretMask {
    /// The reply without the secrets.
    func masked(_ reply: SMTPReply) -> SMTPReply {
        isEmpty ? reply : SMTPReply(code: reply.code, text: masked(reply.text))
    }
}

/// Reads an enhanced status code (RFC 3463 section 2): class, subject of at most three digits, detail likewise.
enum EnhancedStatusParser {
    static func status(
        in text: ArraySlice<UInt8>,
        of code: Int
    ) -> (status: EnhancedStatus, end: ArraySlice<UInt8>.Index)? {
        guard let first = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        var numbers = (0, 0, 0)
        var index = text.startIndex
        for place in 0..<3 {
            var value = 0
            var digits = 0
            while index < text.endIndex, case UInt8(ascii: "0")...UInt8(ascii: "9") = text[index], digits < 3 {
                value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
                digits += 1
                index = text.index(after: index)
            }
            guard digits > 0 else { return nil }
            switch place {
            case 0: numbers.0 = value
            case 1: numbers.1 = value
            default: numbers.2 = value
            }
            if place < 2 {
                guard index < text.endIndex, text[index] == UInt8(ascii: ".") else { return nil }
                index = text.index(after: index)
            }
        }
        guard index == text.endIndex || text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: "\n") else {
            return nil
        }
        // A status of another class than the reply's is a server's mistake; the reply code counts.
        guard numbers.0 == code / 100 else { return nil }
        return (EnhancedStatus(numbers.0, numbers.1, numbers.2), index)
    }
}
