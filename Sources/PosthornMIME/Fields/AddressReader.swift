/// Reads address lists of any quality, in one pass without recursion.
///
/// The value is cut into tokens; commas, semicolons and angle brackets end an entry, and what stood before says what
/// the entry is. Every token is looked at a fixed number of times.
struct AddressReader {
    private let line: [UInt8]
    private var position = 0
    private var brackets: FieldBrackets
    private var words: EncodedWords
    private var reading = AddressReading()

    private struct Token {
        enum Kind { case word, quoted, at }
        var kind: Kind
        var range: Range<Int>
        /// Whether white space or a comment stood before it.
        var isSpaced: Bool
    }

    /// The tokens of the entry.
    private var tokens: [Token] = []
    /// Whether an at sign is among them.
    private var hasAt = false
    private var comment: Range<Int>?
    /// The entry's address in angle brackets, and how many tokens came before it.
    private var angle: (address: [UInt8], before: Int)?
    private var group: (name: String, start: Int)?
    private let lastSemicolon: Int
    /// The last answer of `nextDelimiter`.
    private var delimiter = (position: -1, octet: UInt8(0))

    init(_ line: [UInt8]) {
        self.line = line
        brackets = FieldBrackets(line)
        words = EncodedWords(line)
        lastSemicolon = line.lastIndex(of: UInt8(ascii: ";")) ?? -1
    }

    mutating func read() -> AddressReading {
        var isSpaced = false
        while position < line.count {
            let octet = line[position]
            switch octet {
            case 0x20, 0x09:
                position += 1
                isSpaced = true
                continue
            case UInt8(ascii: ","):
                endEntry()
                position += 1
            case UInt8(ascii: ";"):
                endEntry()
                endGroup()
                position += 1
            case UInt8(ascii: ":") where beginsGroup(): beginGroup()
            case UInt8(ascii: "<"): readAngle()
            case UInt8(ascii: ">"):
                reading.defects.insert(.extraText)
                position += 1
            case UInt8(ascii: "@"):
                tokens.append(Token(kind: .at, range: position..<(position + 1), isSpaced: isSpaced))
                hasAt = true
                position += 1
            case UInt8(ascii: "("):
                if let end = brackets.commentEnd(position) {
                    comment = position..<end
                    position = end
                    isSpaced = true
                    continue
                }
                reading.defects.insert(.unclosed)
                readWord(isSpaced)
            case UInt8(ascii: "\""):
                if let end = brackets.quoteEnd(position) {
                    tokens.append(Token(kind: .quoted, range: position..<end, isSpaced: isSpaced))
                    position = end
                } else {
                    reading.defects.insert(.unclosed)
                    readWord(isSpaced)
                }
            default: readWord(isSpaced)
            }
            isSpaced = false
        }
        endEntry()
        endGroup()
        return reading
    }

    // MARK: Tokens

    private static let endsWord: [Bool] = (0...255).map { octet in
        Array("\t ,;:<>@(\"".utf8).contains(UInt8(octet))
    }

    /// Reads a word; its first octet belongs to it whatever it is.
    private mutating func readWord(_ isSpaced: Bool) {
        let start = position
        if line[position] == UInt8(ascii: "="), let word = words.word(at: position), isName(word) {
            // As a whole, because some programs leave commas and colons in it as they are.
            position = word.end
        } else if line[position] == UInt8(ascii: "["), tokens.last?.kind == .at, let end = literalEnd() {
            position = end
        } else {
            if line[position] == UInt8(ascii: ":") { reading.defects.insert(.unquoted) }
            position += 1
        }
        while position < line.count, !Self.endsWord[Int(line[position])] {
            if line[position] == UInt8(ascii: "="), words.word(at: position).map(isName) == true { break }
            position += 1
        }
        tokens.append(Token(kind: .word, range: start..<position, isSpaced: isSpaced))
    }

    /// Whether an encoded word can be part of a name: one that is said to hold addresses swallowed them, for want of
    /// its own end.
    private func isName(_ word: EncodedWords.Word) -> Bool {
        !line[word.payload].contains { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "@") }
    }

    private func literalEnd() -> Int? {
        // No address literal is longer.
        let limit = min(line.count, position + 100)
        return line[position..<limit].firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 }
    }

    // MARK: Groups

    /// Whether the colon here ends the name of a group, and is not a character of a name that should be quoted.
    private mutating func beginsGroup() -> Bool {
        guard group == nil, angle == nil, !hasAt else { return false }
        guard position > lastSemicolon else { return true }
        return nextDelimiter() != UInt8(ascii: "<")
    }

    /// The next comma, at sign or angle bracket, quoted or not.
    private mutating func nextDelimiter() -> UInt8 {
        guard delimiter.position < position else { return delimiter.octet }
        var next = position
        while next < line.count {
            let octet = line[next]
            if octet == UInt8(ascii: "<") || octet == UInt8(ascii: "@") || octet == UInt8(ascii: ",") {
                delimiter = (next, octet)
                return octet
            }
            next += 1
        }
        delimiter = (line.count, 0)
        return 0
    }

    private mutating func beginGroup() {
        let name = phrase(tokens[...]) ?? comment.flatMap { commentText($0) } ?? ""
        group = (name, reading.mailboxes.count)
        clearEntry()
        position += 1
    }

    private mutating func endGroup() {
        guard let complete = group else { return }
        reading.groups.append(
            AddressReading.Group(name: complete.name, members: complete.start..<reading.mailboxes.count)
        )
        group = nil
    }

    // MARK: Angle brackets

    private mutating func readAngle() {
        if angle != nil {
            reading.defects.insert(.missingSeparator)
            endEntry(keepingName: true)
        }
        while position < line.count, line[position] == UInt8(ascii: "<") { position += 1 }
        angle = (readAngleAddress(), tokens.count)
    }

    /// The address up to `>`, or up to a comma, semicolon, `<` or the end where that is missing.
    private mutating func readAngleAddress() -> [UInt8] {
        var address: [UInt8] = []
        var isSpaced = false
        var hasLeadingAt = false
        func append(_ octets: ArraySlice<UInt8>) {
            // White space around dots and the at sign is the obsolete form (RFC 5322 section 4.4), elsewhere a defect.
            if isSpaced, let last = address.last, let first = octets.first, !Self.joins(last), !Self.joins(first) {
                address.append(0x20)
                reading.defects.insert(.invalidAddress)
            }
            address.append(contentsOf: octets)
            isSpaced = false
        }
        while position < line.count {
            let octet = line[position]
            switch octet {
            case UInt8(ascii: ">"):
                position += 1
                return address
            case 0x20, 0x09:
                isSpaced = true
                position += 1
                continue
            case UInt8(ascii: "("):
                if let end = brackets.commentEnd(position) {
                    if comment == nil { comment = position..<end }
                    isSpaced = true
                    position = end
                    continue
                }
            case UInt8(ascii: "\""):
                if let end = brackets.quoteEnd(position) {
                    append(line[position..<end])
                    position = end
                    continue
                }
            case UInt8(ascii: "@") where address.isEmpty: hasLeadingAt = true
            case UInt8(ascii: ":") where hasLeadingAt:
                // An obsolete source route, `<@a,@b:c@d>`: what comes before the colon counts for nothing.
                address = []
                hasLeadingAt = false
                isSpaced = false
                position += 1
                continue
            case UInt8(ascii: ",") where hasLeadingAt: break
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"):
                reading.defects.insert(.unclosed)
                return address
            default: break
            }
            append(line[position...position])
            position += 1
        }
        reading.defects.insert(.unclosed)
        return address
    }

    private static func joins(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: ".") || octet == UInt8(ascii: "@")
    }

    // MARK: Entries

    private mutating func clearEntry() {
        tokens.removeAll(keepingCapacity: true)
        hasAt = false
        comment = nil
        angle = nil
    }

    /// Ends an entry. With `keepingName`, what came behind its address is the name of the next one.
    private mutating func endEntry(keepingName: Bool = false) {
        guard let angle else {
            endBareEntry(tokens[...])
            clearEntry()
            return
        }
        var name = phrase(tokens[..<angle.before])
        let behind = tokens[angle.before...]
        var next: [Token] = []
        if !behind.isEmpty {
            if keepingName {
                next = Array(behind)
            } else if behind.contains(where: { $0.kind == .at }) {
                reading.defects.insert(.missingSeparator)
                next = Array(behind)
            } else {
                reading.defects.insert(.extraText)
                if name == nil { name = phrase(behind) }
            }
        }
        let ownComment = comment
        add(name ?? ownComment.flatMap { commentText($0) }, angle.address)
        clearEntry()
        if keepingName {
            tokens = next
        } else if !next.isEmpty {
            endBareEntry(next[...])
        }
    }

    /// Ends an entry without angle brackets: one address, several without commas, or none at all.
    private mutating func endBareEntry(_ tokens: ArraySlice<Token>) {
        guard !tokens.isEmpty else {
            if comment != nil { reading.defects.insert(.extraText) }
            return
        }
        guard let firstAt = tokens.firstIndex(where: { $0.kind == .at }) else {
            reading.defects.insert(.invalidAddress)
            add(comment.flatMap { commentText($0) }, writtenText(tokens))
            return
        }
        var start = tokens.startIndex
        var at: Int? = firstAt
        while let here = at {
            let local = localStart(tokens, from: start, at: here)
            let end = domainEnd(tokens, at: here)
            at = tokens[end...].firstIndex { $0.kind == .at }
            var name = phrase(tokens[start..<local])
            if name != nil { reading.defects.insert(.extraText) }
            if at == nil {
                if end < tokens.endIndex {
                    reading.defects.insert(.extraText)
                    if name == nil { name = phrase(tokens[end...]) }
                }
                name = name ?? comment.flatMap { commentText($0) }
            } else {
                reading.defects.insert(.missingSeparator)
            }
            add(name, writtenText(tokens[local..<end]))
            start = end
        }
    }

    /// Where the local part begins that ends before an at sign: one word, and what dots join to it.
    private func localStart(_ tokens: ArraySlice<Token>, from start: Int, at sign: Int) -> Int {
        var first = sign
        while first > start {
            if first < sign, !isJoined(tokens[first - 1], tokens[first]) { break }
            first -= 1
        }
        return first
    }

    /// Where the domain ends that begins behind an at sign.
    private func domainEnd(_ tokens: ArraySlice<Token>, at sign: Int) -> Int {
        var end = sign + 1
        while end < tokens.endIndex, tokens[end].kind != .at {
            if end > sign + 1, !isJoined(tokens[end - 1], tokens[end]) { break }
            end += 1
        }
        // `a@b@c` is no address, and not two.
        while end < tokens.endIndex, tokens[end].kind == .at, !tokens[end].isSpaced {
            end += 1
            if end < tokens.endIndex, tokens[end].kind != .at, !tokens[end].isSpaced { end += 1 }
        }
        return end
    }

    private func isJoined(_ left: Token, _ right: Token) -> Bool {
        guard right.isSpaced else { return true }
        let dot = UInt8(ascii: ".")
        return line[right.range.lowerBound] == dot || line[right.range.upperBound - 1] == dot && right.range.count == 1
            || line[left.range.upperBound - 1] == dot && left.kind == .word
    }

    // MARK: Texts

    private mutating func add(_ name: String?, _ address: [UInt8]) {
        let text = FieldText.plain(address, &reading.defects)
        if !text.utf8.contains(UInt8(ascii: "@")) { reading.defects.insert(.invalidAddress) }
        reading.mailboxes.append(
            ReadMailbox(name: name?.isEmpty == true ? nil : name, address: text, group: group?.name)
        )
    }

    /// Tokens as they are written, white space around dots and the at sign left out.
    private func writtenText(_ tokens: ArraySlice<Token>) -> [UInt8] {
        var text: [UInt8] = []
        for token in tokens {
            let octets = line[token.range]
            if token.isSpaced, let last = text.last, let first = octets.first, !Self.joins(last), !Self.joins(first) {
                text.append(0x20)
            }
            text.append(contentsOf: octets)
        }
        return text
    }

    /// Tokens as a name; `nil` if they say nothing.
    private mutating func phrase(_ tokens: ArraySlice<Token>) -> String? {
        guard !tokens.isEmpty else { return nil }
        var text: [UInt8] = []
        for token in tokens {
            if token.isSpaced, !text.isEmpty { text.append(0x20) }
            if token.kind == .quoted {
                text.append(contentsOf: FieldBrackets.inside(line[token.range]))
            } else {
                if token.kind == .at { reading.defects.insert(.unquoted) }
                text.append(contentsOf: line[token.range])
            }
        }
        // Encoded words are decoded in quoted strings too: the standard has none there, many programs write them.
        return decoded(text)
    }

    private mutating func commentText(_ range: Range<Int>) -> String? {
        decoded(FieldBrackets.inside(line[range]))
    }

    private mutating func decoded(_ octets: [UInt8]) -> String? {
        let result = EncodedText.decode(octets)
        reading.defects.formUnion(result.defects)
        let trimmed = FieldText.trimmed(Array(result.text.utf8)[...])
        return trimmed.isEmpty ? nil : String(decoding: trimmed, as: UTF8.self)
    }
}
