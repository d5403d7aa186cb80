/// ENVELOPE (RFC 3501 section 7.4.2).
enum IMAPEnvelope {
    /// The envelope of a header that was read from `octets`.
    static func make(_ header: IMAPHeader, _ octets: [UInt8]) -> [UInt8] {
        var output: [UInt8] = [IMAPText.open]
        output.reserveCapacity(256)
        IMAPText.append(string: header.value("date", in: octets), to: &output)
        output.append(IMAPText.space)
        IMAPText.append(string: header.value("subject", in: octets), to: &output)
        let from = addresses(header.values("from", in: octets))
        for name in ["from", "sender", "reply-to", "to", "cc", "bcc"] {
            output.append(IMAPText.space)
            var list = name == "from" ? from : addresses(header.values(name, in: octets))
            // Who has written it is who has sent it and who gets the answer, if nothing else is said.
            if list.isEmpty, name == "sender" || name == "reply-to" { list = from }
            if list.isEmpty {
                output.append(contentsOf: IMAPText.none)
            } else {
                output.append(IMAPText.open)
                output.append(contentsOf: list)
                output.append(IMAPText.close)
            }
        }
        for name in ["in-reply-to", "message-id"] {
            output.append(IMAPText.space)
            IMAPText.append(string: header.value(name, in: octets), to: &output)
        }
        output.append(IMAPText.close)
        return output
    }

    /// The addresses of a list, in parentheses each.
    private static func addresses(_ values: [[UInt8]]) -> [UInt8] {
        var output: [UInt8] = []
        for value in values {
            var reader = AddressReader()
            value.withUnsafeBytes { bytes in
                for index in 0..<bytes.count { reader.take(bytes[index]) }
            }
            output.append(contentsOf: reader.finish())
        }
        return output
    }
}

/// Reads a list of addresses (RFC 5322 section 3.4), octet by octet, and writes it as IMAP does. What is no address
/// becomes one without a host.
private struct AddressReader {
    private var output: [UInt8] = []
    /// What stands outside and inside of angle brackets.
    private var phrase: [UInt8] = []
    private var angle: [UInt8]?
    private var isInAngle = false
    private var isQuoted = false
    private var isEscaped = false
    private var comments = 0
    private var isInGroup = false

    mutating func take(_ octet: UInt8) {
        if isEscaped {
            isEscaped = false
            if comments == 0 { add(octet) }
        } else if octet == IMAPText.backslash, isQuoted || comments > 0 {
            isEscaped = true
        } else if comments > 0 {
            if octet == IMAPText.open { comments += 1 } else if octet == IMAPText.close { comments -= 1 }
        } else if octet == IMAPText.quote {
            isQuoted.toggle()
        } else if isQuoted {
            add(octet)
        } else {
            takePlain(octet)
        }
    }

    private mutating func takePlain(_ octet: UInt8) {
        switch octet {
        case IMAPText.open: comments += 1
        case UInt8(ascii: "<"):
            isInAngle = true
            angle = []
        case UInt8(ascii: ">"): isInAngle = false
        case UInt8(ascii: ","): if !isInAngle { endAddress() }
        case UInt8(ascii: ":"):
            if isInAngle {
                // A route, which nobody uses any more.
                angle = []
            } else if !isInGroup {
                isInGroup = true
                write(name: nil, local: IMAPText.trimmed(phrase), host: nil)
                phrase = []
            }
        case UInt8(ascii: ";"):
            endAddress()
            if isInGroup { write(name: nil, local: nil, host: nil) }
            isInGroup = false
        default: add(octet)
        }
    }

    private mutating func add(_ octet: UInt8) {
        if isInAngle { angle?.append(octet) } else { phrase.append(octet) }
    }

    private mutating func endAddress() {
        let name = IMAPText.trimmed(phrase)
        defer { (phrase, angle, isInAngle) = ([], nil, false) }
        guard let address = angle.map(IMAPText.trimmed) ?? (name.isEmpty ? nil : name) else { return }
        let at = address.lastIndex(of: UInt8(ascii: "@"))
        write(
            name: angle == nil || name.isEmpty ? nil : name,
            local: Array(address[..<(at ?? address.count)]),
            host: at.map { Array(address[($0 + 1)...]) } ?? []
        )
    }

    private mutating func write(name: [UInt8]?, local: [UInt8]?, host: [UInt8]?) {
        output.append(IMAPText.open)
        IMAPText.append(string: name, to: &output)
        output.append(contentsOf: [32, 78, 73, 76, 32])
        IMAPText.append(string: local, to: &output)
        output.append(IMAPText.space)
        IMAPText.append(string: host, to: &output)
        output.append(IMAPText.close)
    }

    mutating func finish() -> [UInt8] {
        endAddress()
        if isInGroup { write(name: nil, local: nil, host: nil) }
        return output
    }
}
