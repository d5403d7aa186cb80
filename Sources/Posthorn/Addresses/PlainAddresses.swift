/// Reads the address lists that nearly all messages have, `local@domain` and `Name <local@domain>` in ASCII, joined by
/// commas. Whatever is not beyond doubt is left to ``AddressParser``.
struct PlainAddresses {
    private let octets: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// The addresses; `nil` if it takes the whole grammar to read them, or to say what is wrong with them.
    static func read(_ octets: UnsafeBufferPointer<UInt8>) -> AddressList? {
        var reader = PlainAddresses(octets: octets)
        return reader.read()
    }

    private init(octets: UnsafeBufferPointer<UInt8>) {
        self.octets = octets
    }

    private mutating func read() -> AddressList? {
        var list = AddressList()
        while true {
            skipSpace()
            guard position < octets.count else { return list }
            guard let mailbox = readMailbox() else { return nil }
            list.append(mailbox)
            skipSpace()
            guard position < octets.count else { return list }
            guard octets[position] == UInt8(ascii: ",") else { return nil }
            position &+= 1
        }
    }

    private mutating func skipSpace() {
        while position < octets.count, octets[position] == 0x20 || octets[position] == 0x09 { position &+= 1 }
    }

    private mutating func skipWord() {
        while position < octets.count, Self.isWordOctet(octets[position]) { position &+= 1 }
    }

    /// Octets of atoms, and dots. The question mark is left out: it may belong to an encoded word.
    private static func isWordOctet(_ octet: UInt8) -> Bool {
        octet < 0x80 && (AddressSyntax.isAtomOctet(octet) || octet == UInt8(ascii: "."))
            && octet != UInt8(ascii: "?")
    }

    private mutating func readMailbox() -> Mailbox? {
        let start = position
        var name: String?
        if octets[position] == UInt8(ascii: "\"") {
            guard let quoted = readQuoted() else { return nil }
            name = quoted
            skipSpace()
        } else {
            skipWord()
            guard position < octets.count else { return nil }
            if octets[position] == UInt8(ascii: "@") {
                return readAddress(from: start).map { Mailbox(address: $0) }
            }
            guard octets[position] == UInt8(ascii: "<") || position > start, let words = readWords(from: start) else {
                return nil
            }
            name = words
        }
        guard position < octets.count, octets[position] == UInt8(ascii: "<") else { return nil }
        position &+= 1
        let local = position
        skipWord()
        guard position < octets.count, octets[position] == UInt8(ascii: "@"),
            let address = readAddress(from: local),
            position < octets.count, octets[position] == UInt8(ascii: ">")
        else { return nil }
        position &+= 1
        return Mailbox(name: name?.isEmpty == true ? nil : name, address: address)
    }

    /// The words of a name up to the angle bracket, joined by one space each.
    private mutating func readWords(from start: Int) -> String? {
        var end = position
        var isEven = true
        while true {
            let gap = position
            skipSpace()
            let word = position
            skipWord()
            guard position > word else { break }
            if word - gap != 1 || octets[gap] != 0x20 { isEven = false }
            end = position
        }
        // Uneven white space would have to be made even.
        return isEven ? text(start..<end) : nil
    }

    private mutating func readQuoted() -> String? {
        position &+= 1
        let start = position
        while position < octets.count, octets[position] != UInt8(ascii: "\"") {
            let octet = octets[position]
            let isPlain =
                (0x20..<0x7F).contains(octet) && octet != UInt8(ascii: "\\") && octet != UInt8(ascii: "?")
            guard isPlain else { return nil }
            position &+= 1
        }
        guard position < octets.count else { return nil }
        position &+= 1
        return text(start..<(position - 1))
    }

    /// The address whose local part reaches from `start` to the `@` here.
    private mutating func readAddress(from start: Int) -> EmailAddress? {
        let at = position
        guard (1...EmailAddress.longestLocalPart).contains(at - start), hasSingleDots(start..<at) else { return nil }
        position &+= 1
        let domain = position
        skipWord()
        guard (1...EmailAddress.longestDomain).contains(position - domain),
            DomainName.isPlain(UnsafeBufferPointer(rebasing: octets[domain..<position]))
        else { return nil }
        return EmailAddress(known: text(start..<at), domain: text(domain..<position))
    }

    private func hasSingleDots(_ range: Range<Int>) -> Bool {
        var previous = UInt8(ascii: ".")
        for index in range {
            if octets[index] == UInt8(ascii: "."), previous == UInt8(ascii: ".") { return false }
            previous = octets[index]
        }
        return previous != UInt8(ascii: ".")
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: octets[range]), as: UTF8.self)
    }
}
