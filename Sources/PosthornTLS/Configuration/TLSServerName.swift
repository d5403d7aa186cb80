import COpenSSL

/// The server that a client means to reach: a host name or an IP address, checked.
package struct TLSServerName: Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        case host
        case address
    }

    let kind: Kind
    let text: String

    package var description: String { text }

    /// Whether this is an IP address, to be found among the certificate's iPAddress names only (RFC 9525, 6.5).
    package var isAddress: Bool { kind == .address }

    /// Reads a host name (international names as A-labels) or an IPv4 or IPv6 literal, which may stand in brackets and
    /// carry a zone.
    ///
    /// - Throws: ``TLSError`` with code `configuration` for text that is neither.
    package init(_ name: String) throws(TLSError) {
        var text = name
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        let withoutZone = text.contains(":") ? String(text.prefix { $0 != "%" }) : text
        if Self.isAddressLiteral(withoutZone) {
            kind = .address
            self.text = withoutZone.lowercased()
            return
        }
        if text.hasSuffix(".") { text = String(text.dropLast()) }
        guard Self.isHostName(text) else {
            throw TLSError(
                .configuration,
                "the server name '\(PeerText.escaped(name))' is neither a host name nor an IP address; "
                    + "write it like mail.example.org (international names in their xn-- form)"
            )
        }
        kind = .host
        self.text = text.lowercased()
    }

    private static func isAddressLiteral(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 64, !text.utf8.contains(0) else { return false }
        guard let octets = a2i_IPADDRESS(text) else {
            ERR_clear_error()
            return false
        }
        ASN1_OCTET_STRING_free(octets)
        return true
    }

    /// Labels of letters, digits, hyphens and underscores; in particular no leading dot, which OpenSSL would take as
    /// "any host below".
    private static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { octet in
                    switch octet {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default:
                        false
                    }
                }
        }
    }
}
