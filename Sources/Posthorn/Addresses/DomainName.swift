import Foundation

/// The grammar and the ASCII form of domain names.
enum DomainName {
    /// Why a text is not a domain name; `nil` if it is one.
    ///
    /// Underscores are let through: the standard has none, but names of machines in office networks do.
    static func problem(_ domain: String) -> String? {
        if isPlain(domain.utf8) { return nil }
        for label in domain.split(separator: ".", omittingEmptySubsequences: false) {
            guard !label.isEmpty else { return "the domain has a dot too many" }
            guard label.unicodeScalars.count <= 63 else {
                return "a part of the domain between two dots is longer than 63 characters"
            }
            guard label.utf8.first != UInt8(ascii: "-"), label.utf8.last != UInt8(ascii: "-") else {
                return "a part of the domain begins or ends with a hyphen"
            }
            for scalar in label.unicodeScalars where !mayStand(scalar) {
                return "the domain holds the character '\(PeerText.shown(String(scalar)))', which is not allowed there"
            }
        }
        return nil
    }

    /// Whether the domain is ASCII and beyond doubt, which nearly all are: found out without looking at labels as texts.
    static func isPlain(_ domain: some Sequence<UInt8>) -> Bool {
        var length = 0
        var previous = UInt8(ascii: ".")
        for octet in domain {
            if octet == UInt8(ascii: ".") {
                guard length > 0, previous != UInt8(ascii: "-") else { return false }
                length = 0
            } else {
                guard isLetterDigitHyphen(octet), length < 63, length > 0 || octet != UInt8(ascii: "-") else {
                    return false
                }
                length += 1
            }
            previous = octet
        }
        return length > 0 && previous != UInt8(ascii: "-")
    }

    private static func mayStand(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isLetterDigitHyphen(UInt8(truncatingIfNeeded: scalar.value)) || scalar == "_" }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber, .otherSymbol:
            return true
        default:
            // Joiners (needed by several scripts), the middle dot of Catalan, and the like; the rest is refused by
            // IDNA itself when the ASCII form is made.
            return [0x200C, 0x200D, 0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB].contains(scalar.value)
        }
    }

    private static func isLetterDigitHyphen(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The A-labels of a domain name that has U-labels (UTS #46), or `nil` if there are none.
    ///
    /// Foundation does this for the hosts of URLs on every platform; what it cannot map it leaves out or
    /// percent-encodes, which is why its answer is checked.
    static func asciiForm(of domain: String) -> String? {
        var components = URLComponents()
        components.host = domain
        guard let host = components.encodedHost, !host.isEmpty, host.utf8.count <= EmailAddress.longestDomain else {
            return nil
        }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ (1...63).contains($0.count) }) else { return nil }
        let isClean = host.utf8.allSatisfy { isLetterDigitHyphen($0) || $0 == 0x2E || $0 == 0x5F }
        return isClean ? host : nil
    }
}
