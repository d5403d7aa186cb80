import Posthorn
import PosthornNet

/// Reads replies from octets, as strictly as safety needs (RFC 5321 section 4.2): every line complete with LF, three
/// digits and then a space, a hyphen or the end; all lines of a reply with the same code.
///
/// Tolerated because real servers do it: a bare LF as line end, and a last line without text.
struct SMTPReplyParser: InboundParser {
    /// The largest reply, all lines together.
    static let replyLimit = 1 << 20
    /// The longest line. RFC 5321 section 4.5.3.1.5 allows 512 octets; servers exceed that now and then.
    static let lineLimit = 64 * 1024

    /// Keeps secrets out of the error texts that quote what came.
    var mask = SecretMask()
    private var code: Int?
    private var text: [UInt8] = []
    private var total = 0
    /// How much of the unfinished line has been searched for its end.
    private var searched = 0

    /// Whether lines of a reply have come whose last line is missing.
    var isInsideReply: Bool { code != nil }

    mutating func next(from buffer: inout ReceiveBuffer) throws -> SMTPReply? {
        let (used, reply) = try buffer.withUnsafeBytes { try parse($0) }
        buffer.consume(used)
        return reply
    }

    func record(_ event: SMTPReply, in transcript: borrowing Transcript) {
        let lines = event.lines
        for (number, line) in lines.enumerated() {
            let separator = number + 1 < lines.count ? "-" : " "
            transcript.received(Array("\(event.code)\(separator)".utf8) + line)
        }
    }

    /// Takes octets from the front of `bytes`.
    ///
    /// - Returns: how many octets were used, and the reply if one is complete. Octets behind the reply stay.
    mutating func parse(_ bytes: UnsafeRawBufferPointer) throws -> (used: Int, reply: SMTPReply?) {
        var used = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let lineFeed = rest.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) else {
                searched = rest.count
                guard rest.count <= Self.lineLimit else { throw Self.violation("a line of more than 64 KiB") }
                return (used, nil)
            }
            searched = 0
            guard lineFeed <= Self.lineLimit else { throw Self.violation("a line of more than 64 KiB") }
            var line = UnsafeRawBufferPointer(rebasing: rest[..<lineFeed])
            used += lineFeed + 1
            if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
            total += line.count
            guard total <= Self.replyLimit else { throw Self.violation("a reply of more than 1 MiB") }
            if let reply = try take(line) { return (used, reply) }
        }
    }

    private mutating func take(_ line: UnsafeRawBufferPointer) throws -> SMTPReply? {
        let separator = line.count > 3 ? line[3] : UInt8(ascii: " ")
        guard line.count >= 3, let code = Self.code(of: line),
            separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-")
        else {
            let shown = PeerText.shown(mask.masked(line), limit: 80)
            throw Self.violation("'\(shown)', which does not begin with a reply code")
        }
        if let first = self.code {
            guard first == code else { throw Self.violation("a reply that mixes the codes \(first) and \(code)") }
            text.append(UInt8(ascii: "\n"))
        }
        self.code = code
        // An LF inside cannot occur; a CR inside is the peer's, and is escaped when it is shown.
        text.append(contentsOf: line.dropFirst(4))
        guard separator == UInt8(ascii: " ") else { return nil }
        defer {
            let mask = mask
            self = SMTPReplyParser()
            self.mask = mask
        }
        return SMTPReply(code: code, text: text)
    }

    private static func code(of line: UnsafeRawBufferPointer) -> Int? {
        let digits = (line[0], line[1], line[2])
        guard case UInt8(ascii: "2")...UInt8(ascii: "5") = digits.0,
            case UInt8(ascii: "0")...UInt8(ascii: "9") = digits.1,
            case UInt8(ascii: "0")...UInt8(ascii: "9") = digits.2
        else { return nil }
        let zero = UInt8(ascii: "0")
        return Int(digits.0 - zero) * 100 + Int(digits.1 - zero) * 10 + Int(digits.2 - zero)
    }

    private static func violation(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "expected an SMTP reply, but the server sent \(what); check that host and port are those of a mail server"
        )
    }
}
