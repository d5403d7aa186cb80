import Posthorn
import PosthornNet

/// Reads the first lines of replies from octets, as strictly as safety needs: a whole line that begins with `+OK`, `-ERR`
/// or, during a sign-in, `+`.
///
/// Tolerated because real servers do it: a bare LF as line end, small letters, and lines beyond the 512 octets of
/// RFC 2449 section 4.
struct POP3ReplyParser {
    /// The longest line.
    static let lineLimit = 64 * 1024

    /// Keeps secrets out of the error texts that quote what came.
    var mask = SecretMask()
    /// How much of the unfinished line has been searched for its end.
    private var searched = 0

    /// Takes a line from the front of `bytes`.
    ///
    /// - Returns: how many octets were used, and the reply if one is complete. Octets behind it stay.
    mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(MailError) -> (used: Int, reply: POP3Reply?) {
        guard let feed = bytes.firstLineFeed(from: searched) else {
            searched = bytes.count
            guard bytes.count <= Self.lineLimit else { throw Self.violation("a line of more than 64 KiB") }
            return (0, nil)
        }
        searched = 0
        guard feed <= Self.lineLimit else { throw Self.violation("a line of more than 64 KiB") }
        var line = UnsafeRawBufferPointer(rebasing: bytes[..<feed])
        if line.last == 0x0D { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
        return (feed &+ 1, try reply(line))
    }

    private func reply(_ line: UnsafeRawBufferPointer) throws(MailError) -> POP3Reply {
        if line.isWord("+ok") { return POP3Reply(status: .ok, text: Self.text(line, behind: 3)) }
        if line.isWord("-err") { return POP3Reply(status: .error, text: Self.text(line, behind: 4)) }
        if line.first == UInt8(ascii: "+"), line.count == 1 || line[1] == UInt8(ascii: " ") {
            return POP3Reply(status: .challenge, text: Self.text(line, behind: 1))
        }
        throw Self.violation("'\(PeerText.shown(mask.masked(line), limit: 80))'\(Self.guess(line))")
    }

    private static func text(_ line: UnsafeRawBufferPointer, behind length: Int) -> [UInt8] {
        Array(line.dropFirst(length).drop { $0 == UInt8(ascii: " ") })
    }

    /// The commonest mistake in settings: the port of another service.
    private static func guess(_ line: UnsafeRawBufferPointer) -> String {
        if line.starts(with: "* ".utf8) { return ", which is how IMAP servers speak" }
        if line.starts(with: "220".utf8) { return ", which is how SMTP servers speak" }
        if line.starts(with: "HTTP/".utf8) { return ", which is how web servers speak" }
        return ""
    }

    private static func violation(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "expected a POP3 reply, but the server sent \(what); check that host and port are those of a POP3 server "
                + "(995 with `security: tls`, 110 with `security: starttls`)"
        )
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the line begins with a word in small letters, whatever the case, and the word ends there.
    fileprivate func isWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard count >= length else { return false }
        for index in 0..<length {
            let octet = self[index]
            let small = (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
            guard small == word.utf8Start[index] else { return false }
        }
        return count == length || self[length] == UInt8(ascii: " ") || self[length] == UInt8(ascii: "\t")
    }
}
