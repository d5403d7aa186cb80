/// The grammar of address parts (RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531 section 3.3).
enum AddressSyntax {
    /// Whether an octet may stand in an atom; octets of UTF-8 sequences may (RFC 6532 section 3.2).
    static func isAtomOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF,
            UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
            UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Whether a text is one or more atoms joined by single dots.
    static func isDotAtom(_ text: String) -> Bool {
        dotAtomProblem(text) == nil
    }

    /// Why a text is not a dot-atom, or `nil` if it is one.
    static func dotAtomProblem(_ text: String) -> String? {
        guard !text.isEmpty else { return "the part before the '@' is empty" }
        var previous = UInt8(ascii: ".")
        for octet in text.utf8 {
            if octet == UInt8(ascii: ".") {
                if previous == UInt8(ascii: ".") { return "the part before the '@' has a dot too many" }
            } else if !isAtomOctet(octet) {
                if octet < 0x20 || octet == 0x7F { return "it holds a control character" }
                return octet == 0x20
                    ? "it holds a space; take it out, or quote the part before the '@'"
                    : "the part before the '@' holds a character that needs quoting"
            }
            previous = octet
        }
        if previous == UInt8(ascii: ".") { return "the part before the '@' has a dot too many" }
        return text.utf8.allSatisfy { $0 < 0x80 } || !text.unicodeScalars.contains { $0.properties.isWhitespace }
            ? nil : "it holds a space; take it out, or quote the part before the '@'"
    }

    /// Why a text cannot be a local part, even in quotes; `nil` if it can.
    static func localPartProblem(_ text: String) -> String? {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return nil }
        for scalar in text.unicodeScalars where isForbidden(scalar) {
            return "it holds a control character or line break"
        }
        return nil
    }

    /// Controls, line and paragraph separators, noncharacters and bidirectional controls: never in an address.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.value {
        case 0x80..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFDD0...0xFDEF, 0xFFFD: return true
        default: return scalar.value & 0xFFFE == 0xFFFE
        }
    }

    /// The text as a quoted string: quotation marks and backslashes escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Why a text cannot be a domain or an address literal; `nil` if it can.
    static func domainProblem(_ domain: String) -> String? {
        guard !domain.isEmpty else { return "the domain after the '@' is missing" }
        guard domain.utf8.count <= EmailAddress.longestDomain else {
            return "the domain has \(domain.utf8.count) octets, \(EmailAddress.longestDomain) are allowed"
        }
        if domain.utf8.first == UInt8(ascii: "[") { return literalProblem(domain) }
        return DomainName.problem(domain)
    }

    private static func literalProblem(_ domain: String) -> String? {
        guard domain.utf8.last == UInt8(ascii: "]"), domain.utf8.count > 2 else {
            return "the address literal must end with ']'"
        }
        let inside = String(domain.dropFirst().dropLast())
        let ok =
            if inside.utf8.count > 5, inside.prefix(5).lowercased() == "ipv6:" {
                IPAddressText.isIPv6(inside.dropFirst(5))
            } else {
                IPAddressText.isIPv4(inside[...])
            }
        return ok
            ? nil : "'\(PeerText.shown(domain))' is not an address literal such as [192.0.2.1] or [IPv6:2001:db8::1]"
    }
}
