/// Goes once through an RTF document and collects its text.
///
/// Groups are on a stack of its own; beyond a depth that no writer reaches, they are counted only.
struct RTFReader {
    private struct Group {
        /// What the text of the group is for.
        enum Destination { case text, fontTable, htmlTag, nothing }

        var destination = Destination.text
        /// Whether `\htmlrtf` is on: what follows was not in the HTML.
        var isRTFOnly = false
        var font = -1
        /// How many characters stand in for one of `\u`.
        var unicodeSkip = 1
    }

    private static let maximalDepth = 1_000

    private(set) var origin = RTFText.Origin.rtf
    private let decode: TNEFCodePage.Decoding
    private var group = Group()
    private var outer: [Group] = []
    /// The groups beyond the maximal depth.
    private var deeper = 0
    private var codePage = TNEFCodePage.windows1252
    private var defaultFont = -1
    private var fontCodePages: [Int: Int] = [:]

    /// The text, in UTF-8.
    private var text: [UInt8] = []
    /// Octets in a code page that are not decoded yet: a character may have several of them.
    private var pending: [UInt8] = []
    private var pendingCodePage = 0
    /// The first half of a pair of `\u`.
    private var highSurrogate: UInt16?
    /// How many characters are still to be left out after `\u`.
    private var skipped = 0
    /// The next word belongs to a destination that may be left out, `\*`.
    private var isOptional = false

    init(decode: @escaping TNEFCodePage.Decoding) {
        self.decode = decode
    }

    mutating func read(_ source: UnsafeBufferPointer<UInt8>) -> String {
        text.reserveCapacity(source.count / 2)
        var position = 0
        var isOpen = false
        while position < source.count {
            let octet = source[position]
            position += 1
            switch octet {
            case UInt8(ascii: "{"):
                isOpen = true
                open()
            case UInt8(ascii: "}"):
                // The document ends with its first group; what comes then is zeros, as a rule.
                guard close() || !isOpen else {
                    position = source.count
                    break
                }
            case UInt8(ascii: "\\"): control(source, &position)
            case 0x0A, 0x0D, 0x00: break
            default:
                if skipped > 0 {
                    skipped -= 1
                } else {
                    let start = position - 1
                    while position < source.count, !Self.isSpecial(source[position]) { position += 1 }
                    characters(UnsafeBufferPointer(rebasing: source[start..<position]))
                }
            }
        }
        flush()
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Groups

    private mutating func open() {
        skipped = 0
        isOptional = false
        if outer.count < Self.maximalDepth { outer.append(group) } else { deeper += 1 }
    }

    /// Whether there is still a group around.
    private mutating func close() -> Bool {
        skipped = 0
        isOptional = false
        if deeper > 0 {
            deeper -= 1
            return true
        }
        // A tag's code page is not that of the text.
        if let last = outer.popLast() { group = last }
        return !outer.isEmpty
    }

    // MARK: Controls

    private mutating func control(_ source: UnsafeBufferPointer<UInt8>, _ position: inout Int) {
        guard position < source.count else { return }
        if Self.isLetter(source[position]) {
            word(source, &position)
            return
        }
        let symbol = source[position]
        position += 1
        switch symbol {
        case UInt8(ascii: "'"):
            guard position + 1 < source.count, let high = HexDigit.value(source[position]),
                let low = HexDigit.value(source[position + 1])
            else { return }
            position += 2
            character(high << 4 | low)
        case UInt8(ascii: "*"): isOptional = true
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\\"): character(symbol)
        case 0x0A, 0x0D:
            // A line end after a backslash is a paragraph; of CRLF, the rest is ignored.
            control { $0.newline() }
        case UInt8(ascii: "~"):
            control { reader in
                if reader.origin == .html { reader.append("&nbsp;") } else { reader.append("\u{A0}") }
            }
        case UInt8(ascii: "_"): control { $0.append("\u{2011}") }
        case UInt8(ascii: "-"):
            control { reader in if reader.origin == .html { reader.append("\u{AD}") } }
        default: break
        }
    }

    /// A control that makes text, unless it stands in for a character of `\u`.
    private mutating func control(_ action: (inout RTFReader) -> Void) {
        if skipped > 0 {
            skipped -= 1
        } else {
            action(&self)
        }
    }

    private mutating func word(_ source: UnsafeBufferPointer<UInt8>, _ position: inout Int) {
        var word = RTFWord()
        while position < source.count, Self.isLetter(source[position]) {
            word.append(source[position])
            position += 1
        }
        let number = Self.number(source, &position)
        if position < source.count, source[position] == UInt8(ascii: " ") { position += 1 }
        let isOptional = isOptional
        self.isOptional = false
        if let action = word.action {
            if case .binary = action {
                position += min(max(0, number ?? 0), source.count - position)
                if skipped > 0 { skipped -= 1 }
                return
            }
            perform(action, number)
        } else if isOptional {
            group.destination = .nothing
        }
    }

    private mutating func perform(_ action: RTFWord.Action, _ number: Int?) {
        switch action {
        case .codePage(let page): setCodePage(page ?? number)
        case .defaultFont: defaultFont = number ?? 0
        case .fontTable: enter(.fontTable)
        case .font: group.font = number ?? 0
        case .charset: setFont(codePage: RTFWord.codePage(charset: number ?? 0))
        case .fontCodePage: setFont(codePage: number)
        case .fromHTML:
            // Before any text; a `\fromhtml0` is none (section 2.1.3.1.1).
            if number == 1, text.isEmpty, pending.isEmpty { origin = .html }
        case .fromText: if text.isEmpty, pending.isEmpty { origin = .text }
        case .htmlTag: enter(origin == .html ? .htmlTag : .nothing)
        case .htmlRTF: group.isRTFOnly = number != 0
        case .newline: control { $0.newline() }
        case .tab: control { $0.append("\t") }
        case .symbol(let scalar): control { $0.append(String(scalar)) }
        case .unicode: control { $0.unicode(number ?? 0) }
        case .unicodeSkip: group.unicodeSkip = min(max(0, number ?? 1), 16)
        case .binary: break
        case .plain: group.font = defaultFont
        case .skip: enter(.nothing)
        case .skipInHTML: if origin == .html { enter(.nothing) }
        }
    }

    /// What is inside of nothing remains nothing.
    private mutating func enter(_ destination: Group.Destination) {
        if group.destination != .nothing { group.destination = destination }
    }

    private mutating func setCodePage(_ page: Int?) {
        if let page, page > 0 { codePage = page }
    }

    private mutating func setFont(codePage page: Int?) {
        guard group.destination == .fontTable, group.font >= 0, let page, page > 0 else { return }
        fontCodePages[group.font] = page
    }

    // MARK: Text

    private var isVisible: Bool {
        switch group.destination {
        case .text: origin != .html || !group.isRTFOnly
        case .htmlTag: !group.isRTFOnly
        case .fontTable, .nothing: false
        }
    }

    /// Octets of text in the present code page.
    private mutating func characters(_ octets: UnsafeBufferPointer<UInt8>) {
        guard isVisible else { return }
        let page = presentCodePage
        if page != pendingCodePage || highSurrogate != nil {
            flush()
            pendingCodePage = page
        }
        pending.append(contentsOf: octets)
    }

    /// An octet of text that is spelled in some way.
    private mutating func character(_ octet: UInt8) {
        if skipped > 0 {
            skipped -= 1
        } else {
            withUnsafePointer(to: octet) { characters(UnsafeBufferPointer(start: $0, count: 1)) }
        }
    }

    private var presentCodePage: Int {
        // Tags are not set in any font.
        guard group.destination == .text, !fontCodePages.isEmpty else { return codePage }
        return fontCodePages[group.font < 0 ? defaultFont : group.font] ?? codePage
    }

    private mutating func append(_ characters: String) {
        guard isVisible else { return }
        flush()
        text.append(contentsOf: characters.utf8)
    }

    private mutating func newline() {
        append("\r\n")
    }

    private mutating func unicode(_ number: Int) {
        skipped = group.unicodeSkip
        guard isVisible else { return }
        // Signed, as everything in RTF; some writers do not know that, and some go beyond 16 bits.
        if number > 0xFFFF {
            append(String(Unicode.Scalar(UInt32(clamping: number)) ?? "\u{FFFD}"))
            return
        }
        let unit = UInt16(truncatingIfNeeded: number)
        if let high = highSurrogate, (0xDC00...0xDFFF).contains(unit), pending.isEmpty {
            highSurrogate = nil
            append(String(decoding: [high, unit], as: UTF16.self))
        } else if (0xD800...0xDBFF).contains(unit) {
            flush()
            highSurrogate = unit
        } else {
            append(String(decoding: [unit], as: UTF16.self))
        }
    }

    private mutating func flush() {
        if highSurrogate != nil {
            highSurrogate = nil
            text.append(contentsOf: "\u{FFFD}".utf8)
        }
        guard !pending.isEmpty else { return }
        text.append(contentsOf: decode(pendingCodePage, pending[...]).utf8)
        pending.removeAll(keepingCapacity: true)
    }

    // MARK: Octets

    private static func isSpecial(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\\"), 0x0A, 0x0D, 0x00: true
        default: false
        }
    }

    private static func isLetter(_ octet: UInt8) -> Bool {
        octet | 0x20 >= UInt8(ascii: "a") && octet | 0x20 <= UInt8(ascii: "z")
    }

    /// The number after a word, if there is one. Digits beyond ten are read and no longer count.
    private static func number(_ source: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        let isNegative = position < source.count && source[position] == UInt8(ascii: "-")
        var next = isNegative ? position + 1 : position
        let start = next
        var number = 0
        while next < source.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(source[next]) {
            if next - start < 10 { number = number * 10 + Int(source[next] - UInt8(ascii: "0")) }
            next += 1
        }
        guard next > start else { return nil }
        position = next
        return isNegative ? -number : number
    }
}
