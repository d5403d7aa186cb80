import Posthorn

/// Small rules about the text of MIME fields.
enum MIMEText {
    /// Whether an octet may stand in a token (RFC 2045 section 5.1).
    static func isTokenOctet(_ octet: UInt8) -> Bool {
        guard (0x21...0x7E).contains(octet) else { return false }
        return !"()<>@,;:\\\"/[]?=".utf8.contains(octet)
    }

    /// Refuses CR, LF, NUL and other control characters in text that becomes part of a header field.
    static func refuseControls(_ text: String, in what: String) throws {
        for octet in text.utf8 where octet < 0x20 || octet == 0x7F {
            let kind = octet == 0x0D || octet == 0x0A ? "a line break" : octet == 0 ? "a NUL" : "a control character"
            throw MailError(.invalidMessage, "\(what) contains \(kind); take it out")
        }
    }
}
