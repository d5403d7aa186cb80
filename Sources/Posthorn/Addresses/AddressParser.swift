/// Reads address lists (RFC 5322 sections 3.4 and 4.4), tolerantly and in linear time, without recursion.
struct AddressParser {
    /// How deep comments may nest; nobody needs more than two.
    private static let deepestComment = 50

    private let octets: [UInt8]
    private var position = 0
    private var lastComment: String?

    init(_ text: String) {
        octets = Array(text.utf8)
    }

    /// A word of a phrase or of a local part.
    private struct Word {
        var text: [UInt8]
        /// Whether it stood in quotation marks.
        var isQuoted: Bool
        /// Whether white space or a comment stood before it.
        var isSpaced: Bool
    }

    mutating func parse() throws -> AddressList {
        if octets.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
            throw failure("it holds a line break or NUL; take it out")
        }
        var list = AddressList()
        var group: AddressGroup?
        while true {
            lastComment = nil
            try skipSpace()
            guard let octet = peek() else { break }
            if octet == UInt8(ascii: ",") {
                position += 1
                continue
            }
            if octet == UInt8(ascii: ";") {
                position += 1
                // A semicolon outside a group is what some programs put between addresses.
                if let complete = group { list.append(complete) }
                group = nil
                continue
            }
            let words = try readWords()
            switch peek() {
            case UInt8(ascii: ":"):
                position += 1
                guard group == nil else { throw failure("a group within a group is not allowed") }
                group = AddressGroup(name: phrase(words))
            case UInt8(ascii: "<"):
                let address = try readAngleAddress()
                try skipSpace()
                let name = words.isEmpty ? nil : phrase(words)
                add(Mailbox(name: name?.isEmpty == true ? nil : name, address: address), to: &list, &group)
                try expectSeparator()
            case UInt8(ascii: "@"):
                let address = try readDomain(after: words)
                lastComment = nil
                try skipSpace()
                // The old form: address (Name).
                add(Mailbox(name: lastComment, address: address), to: &list, &group)
                try expectSeparator()
            case nil, UInt8(ascii: ","), UInt8(ascii: ";"):
                let shown = PeerText.shown(words.map { $0.text }.joined(separator: [0x20]), limit: 100)
                throw failure("'\(shown)' has no '@'; write it as name@domain")
            case let other?:
                throw failure("the character '\(PeerText.shown([other]))' is not allowed there")
            }
        }
        if let group { list.append(group) }
        return list
    }

    private func add(_ mailbox: Mailbox, to list: inout AddressList, _ group: inout AddressGroup?) {
        if group != nil { group?.members.append(mailbox) } else { list.append(mailbox) }
    }

    private func peek() -> UInt8? {
        position < octets.count ? octets[position] : nil
    }

    private func expectSeparator() throws {
        switch peek() {
        case nil, UInt8(ascii: ","), UInt8(ascii: ";"): return
        default: throw failure("a comma is missing between two addresses")
        }
    }

    private func failure(_ reason: String) -> MailError {
        let shown = PeerText.shown(octets.prefix(1_600), limit: 400)
        return MailError(.invalidAddress, "'\(shown)' is not a valid mail address or list of addresses: \(reason)")
    }

    // MARK: Words

    /// Skips white space and comments. Remembers the last comment.
    @discardableResult
    private mutating func skipSpace() throws -> Bool {
        let start = position
        while let octet = peek() {
            if octet == 0x20 || octet == 0x09 {
                position += 1
            } else if octet == UInt8(ascii: "(") {
                try skipComment()
            } else {
                break
            }
        }
        return position > start
    }

    private mutating func skipComment() throws {
        var text: [UInt8] = []
        var depth = 0
        while let octet = peek() {
            position += 1
            switch octet {
            case UInt8(ascii: "("):
                depth += 1
                guard depth <= Self.deepestComment else {
                    throw failure("comments nest deeper than \(Self.deepestComment) levels")
                }
                if depth == 1 { continue }
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 {
                    let comment = EncodedWordDecoder.decode(text).trimmed()
                    lastComment = comment.isEmpty ? nil : comment
                    return
                }
            case UInt8(ascii: "\\"):
                if let next = peek() {
                    text.append(next)
                    position += 1
                }
                continue
            default: break
            }
            text.append(octet)
        }
        throw failure("the ')' that ends a comment is missing")
    }

    /// Words up to a special character or the end. Dots belong to the words.
    private mutating func readWords() throws -> [Word] {
        var words: [Word] = []
        while true {
            let isSpaced = try skipSpace()
            guard let octet = peek() else { return words }
            if octet == UInt8(ascii: "\"") {
                words.append(Word(text: try readQuoted(), isQuoted: true, isSpaced: isSpaced))
            } else if let end = EncodedWordDecoder.endOfWord(octets, at: position) {
                // As a whole, because some programs leave commas and colons in it as they are.
                words.append(Word(text: Array(octets[position..<end]), isQuoted: false, isSpaced: isSpaced))
                position = end
            } else if isWordOctet(octet) {
                let start = position
                while let next = peek(), isWordOctet(next) { position += 1 }
                words.append(Word(text: Array(octets[start..<position]), isQuoted: false, isSpaced: isSpaced))
            } else {
                return words
            }
        }
    }

    private func isWordOctet(_ octet: UInt8) -> Bool {
        AddressSyntax.isAtomOctet(octet) || octet == UInt8(ascii: ".")
    }

    private mutating func readQuoted() throws -> [UInt8] {
        position += 1
        var text: [UInt8] = []
        while let octet = peek() {
            position += 1
            if octet == UInt8(ascii: "\"") { return text }
            if octet == UInt8(ascii: "\\"), let next = peek() {
                text.append(next)
                position += 1
            } else {
                text.append(octet)
            }
        }
        throw failure("the closing quotation mark is missing")
    }

    private func phrase(_ words: [Word]) -> String {
        var text: [UInt8] = []
        for (index, word) in words.enumerated() {
            if index > 0, word.isSpaced { text.append(0x20) }
            text.append(contentsOf: word.text)
        }
        // Encoded words are decoded in quoted strings too: the standard has none there, many programs write them.
        return EncodedWordDecoder.decode(text)
    }

    // MARK: Addresses

    private mutating func readAngleAddress() throws -> EmailAddress {
        position += 1
        try skipSpace()
        if peek() == UInt8(ascii: "@") {
            // An obsolete source route, `<@a,@b:c@d>`: what comes before the colon counts for nothing.
            while let octet = peek(), octet != UInt8(ascii: ":"), octet != UInt8(ascii: ">") { position += 1 }
            guard peek() == UInt8(ascii: ":") else { throw failure("the address within '<' and '>' is incomplete") }
            position += 1
        }
        let words = try readWords()
        guard peek() == UInt8(ascii: "@") else {
            throw failure(
                words.isEmpty ? "there is no address within '<' and '>'" : "the '@' within '<' and '>' is missing"
            )
        }
        let address = try readDomain(after: words)
        try skipSpace()
        guard peek() == UInt8(ascii: ">") else { throw failure("the '>' after the address is missing") }
        position += 1
        return address
    }

    /// Reads `@domain`, the local part being in `words`.
    private mutating func readDomain(after words: [Word]) throws -> EmailAddress {
        position += 1
        guard !words.isEmpty else { throw failure("the part before the '@' is missing") }
        var localPart: [UInt8] = []
        var isPlain = true
        for (index, word) in words.enumerated() {
            if word.isQuoted { isPlain = false }
            let dot = UInt8(ascii: ".")
            if index > 0, localPart.last != dot, word.text.first != dot {
                throw failure("the part before the '@' holds a space; quote it, or put the name before '<'")
            }
            localPart.append(contentsOf: word.text)
        }
        try skipSpace()
        let domain = peek() == UInt8(ascii: "[") ? try readLiteral() : try readDomainName()
        let text = String(decoding: localPart, as: UTF8.self)
        if isPlain {
            return try EmailAddress("\(text)@\(domain)")
        }
        return try EmailAddress(localPart: text, domain: domain)
    }

    private mutating func readLiteral() throws -> String {
        let start = position
        while let octet = peek(), octet != UInt8(ascii: "]") { position += 1 }
        guard peek() != nil else { throw failure("the ']' after the address literal is missing") }
        position += 1
        return String(decoding: octets[start..<position], as: UTF8.self)
    }

    /// Atoms joined by dots, with white space around the dots in the obsolete form.
    private mutating func readDomainName() throws -> String {
        var name: [UInt8] = []
        while true {
            let start = position
            while let octet = peek(), isWordOctet(octet) { position += 1 }
            name.append(contentsOf: octets[start..<position])
            let end = position
            let comment = lastComment
            guard try skipSpace() else { break }
            let dot = UInt8(ascii: ".")
            guard let next = peek(), next == dot || (name.last == dot && isWordOctet(next)) else {
                // What was skipped belongs to whoever reads on: a comment may be the display name.
                position = end
                lastComment = comment
                break
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}
