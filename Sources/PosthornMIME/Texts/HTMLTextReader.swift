/// Follows the elements of HTML and gives their text to a writer.
///
/// Elements that nobody ended are ended by what follows, as in section 13.2.6 of the HTML standard, in a shorter form:
/// elements that change only the look of a text are not followed at all.
struct HTMLTextReader {
    private let octets: UnsafeBufferPointer<UInt8>
    private let options: HTMLText.Options
    private let largestSize: Int
    private var tokenizer: HTMLTokenizer
    private var writer: HTMLTextWriter

    /// Elements that are not ended. There are at most ``deepest``; deeper ones have no effect but their line breaks.
    private var open: [Open] = []
    private static let deepest = 256
    /// How many of each kind are too deep.
    private var tooDeep: [HTMLElement: Int] = [:]
    /// How many of the open elements hide their content, keep white space, or are entries of lists.
    private var hiding = 0
    private var keepingSpace = 0
    private var items = 0
    /// The element without other effect that hides its content, and how many of its name are open in it.
    private var hidingInline: (name: String, depth: Int)?

    private struct Open {
        var element: HTMLElement
        var margin: Int
        var hides: Bool
        var keepsSpace: Bool
        /// The length of the prefix outside.
        var prefixLength: Int?
        /// The number of the next entry of a list.
        var number = 1
        /// Where a link leads, and where its text begins; or the lines and pieces of text before a row.
        var href: String?
        var textStart = 0
        var lines = 0
        var pieces = 0
    }

    init(_ octets: UnsafeBufferPointer<UInt8>, _ options: HTMLText.Options) {
        self.octets = octets
        self.options = options
        largestSize = max(0, options.largestSize)
        tokenizer = HTMLTokenizer(octets)
        writer = HTMLTextWriter(separator: options.cellSeparator)
    }

    /// The whole text.
    mutating func read() -> String {
        while writer.output.count <= largestSize, let token = tokenizer.next() {
            switch token {
            case .text(let range):
                if hiding == 0 { writer.text(octets, range, keepsSpace: keepingSpace > 0) }
            case .raw(let range, let name): raw(range, name)
            case .tag(let tag): if tag.isEnd { end(tag) } else { begin(tag) }
            }
        }
        while let last = open.last { end(last) }
        return text()
    }

    private func text() -> String {
        guard writer.output.count > largestSize else {
            return String(decoding: writer.output, as: UTF8.self)
        }
        var kept = writer.output.prefix(largestSize)
        // Not within a character.
        while let last = kept.last, writer.output[kept.endIndex] & 0xC0 == 0x80, last >= 0x80 { kept.removeLast() }
        return String(decoding: kept, as: UTF8.self) + "…"
    }

    /// The content of an element in which nothing is a tag.
    private mutating func raw(_ range: Range<Int>, _ name: String) {
        guard hiding == 0 else { return }
        switch name {
        case "textarea": writer.text(octets, range, keepsSpace: true)
        case "xmp", "plaintext": writer.text(octets, range, keepsSpace: true, isRaw: true)
        default: return
        }
    }

    // MARK: Beginnings

    private mutating func begin(_ tag: HTMLTag) {
        let element = HTMLElement(tag.name)
        let attributes = tag.attributes.isEmpty ? nil : HTMLAttributes(octets, tag.attributes)
        let hides = element == .unseen || (attributes?.isHidden == true && !options.showsHidden)
        if element.isBlock { endParagraph() }
        switch element {
        case .void: return
        case .lineBreak: if hiding == 0, !hides { writer.lineBreak() }
        case .rule:
            guard hiding == 0, !hides else { return }
            writer.boundary(1)
            writer.text("---")
            writer.boundary(1)
        case .image:
            guard hiding == 0, !hides, options.showsImages, let alt = attributes?.alt else { return }
            writer.text(alt)
        case .inline, .unseen: beginInline(tag.name, hides: hides)
        case .quotationMark: quotationMark()
        case .link:
            guard options.showsLinks else { return }
            if open.last?.element == .link { endLast() }
            push(element, attributes, hides: hides)
        case .item:
            endOpen([.item], until: [.ordered, .unordered, .blockQuote, .cell, .table])
            push(element, attributes, hides: hides)
        case .term, .description:
            endOpen([.term, .description], until: [.definitions, .blockQuote, .cell, .table])
            push(element, attributes, hides: hides)
        case .row:
            endOpen([.row], until: [.table])
            push(element, attributes, hides: hides)
        case .cell:
            endOpen([.cell], until: [.row, .table])
            push(element, attributes, hides: hides)
        default: push(element, attributes, hides: hides)
        }
    }

    /// Elements without other effect are followed only if they hide something.
    private mutating func beginInline(_ name: String, hides: Bool) {
        if let inline = hidingInline {
            if inline.name == name { hidingInline?.depth += 1 }
        } else if hides, hiding == 0, open.count < Self.deepest {
            open.append(Open(element: .inline, margin: 0, hides: true, keepsSpace: false))
            hiding += 1
            hidingInline = (name, 1)
        }
    }

    private mutating func quotationMark() {
        if hiding == 0 { writer.text("\"") }
    }

    private mutating func push(_ element: HTMLElement, _ attributes: HTMLAttributes?, hides: Bool) {
        var margin = element.margin
        if attributes?.hasNoMargin == true { margin = min(margin, 1) }
        // A list within a list has no empty lines around it.
        if items > 0, element == .unordered || element == .ordered { margin = 1 }
        if hiding == 0, !hides { beginBlock(element, margin) }
        guard open.count < Self.deepest else {
            tooDeep[element, default: 0] += 1
            return
        }
        let keepsSpace = element == .preformatted || attributes?.keepsSpace == true
        var entry = Open(element: element, margin: margin, hides: hides, keepsSpace: keepsSpace)
        switch element {
        case .blockQuote: entry.prefixLength = writer.addPrefix("> ", once: false)
        case .description: entry.prefixLength = writer.addPrefix("    ", once: false)
        case .item:
            entry.prefixLength = writer.addPrefix(mark(attributes), once: true)
            items += 1
        case .ordered: entry.number = attributes?.start ?? 1
        case .preformatted: writer.skipsLineFeed = true
        case .link:
            entry.href = attributes?.href
            entry.textStart = writer.output.count
        case .row: (entry.lines, entry.pieces) = (writer.lineCount, writer.pieceCount)
        default: break
        }
        if hides { hiding += 1 }
        if keepsSpace { keepingSpace += 1 }
        open.append(entry)
    }

    private mutating func beginBlock(_ element: HTMLElement, _ margin: Int) {
        guard element == .cell else { return writer.boundary(margin) }
        guard let row = open.last, row.element == .row else { return }
        writer.beginCell(rowLines: row.lines, rowPieces: row.pieces)
    }

    /// What is before an entry of a list.
    private mutating func mark(_ attributes: HTMLAttributes?) -> String {
        guard let list = open.lastIndex(where: { $0.element == .ordered || $0.element == .unordered }),
            open[list].element == .ordered
        else { return "- " }
        let number = attributes?.value ?? open[list].number
        open[list].number = number + 1
        return "\(number). "
    }

    // MARK: Ends

    private mutating func end(_ tag: HTMLTag) {
        let element = HTMLElement(tag.name)
        switch element {
        case .lineBreak: if hiding == 0 { writer.lineBreak() }
        case .rule, .image, .void: return
        case .quotationMark: quotationMark()
        case .inline, .unseen:
            guard let inline = hidingInline, inline.name == tag.name else { return }
            if inline.depth > 1 { hidingInline?.depth -= 1 } else { endOpen([.inline], until: []) }
        default:
            if let count = tooDeep[element], count > 0 {
                tooDeep[element] = count - 1
                if hiding == 0 { writer.boundary(element.margin) }
            } else if !endOpen([element], until: Self.limits(element)), hiding == 0, element == .paragraph {
                writer.boundary(element.margin)
            }
        }
    }

    /// The elements that an end tag does not reach beyond.
    private static func limits(_ element: HTMLElement) -> Set<HTMLElement> {
        switch element {
        case .table: []
        case .row: [.table]
        case .cell: [.row, .table]
        default: [.cell, .table]
        }
    }

    private mutating func endParagraph() {
        endOpen([.paragraph], through: [.link, .inline])
    }

    /// Ends the innermost element of some kinds, if none of `limits` is within the way.
    @discardableResult
    private mutating func endOpen(_ elements: Set<HTMLElement>, until limits: Set<HTMLElement>) -> Bool {
        endOpen(elements) { !limits.contains($0) }
    }

    /// Ends the innermost element of some kinds, if there are only `others` in it.
    private mutating func endOpen(_ elements: Set<HTMLElement>, through others: Set<HTMLElement>) {
        endOpen(elements) { others.contains($0) }
    }

    @discardableResult
    private mutating func endOpen(_ elements: Set<HTMLElement>, _ passes: (HTMLElement) -> Bool) -> Bool {
        var index = open.count
        while index > 0 {
            index -= 1
            if elements.contains(open[index].element) {
                while open.count > index { endLast() }
                return true
            }
            guard passes(open[index].element) else { return false }
        }
        return false
    }

    private mutating func endLast() {
        if let last = open.last { end(last) }
    }

    /// Ends the innermost element.
    private mutating func end(_ entry: Open) {
        open.removeLast()
        // Those that were too deep were in this one.
        tooDeep.removeAll(keepingCapacity: true)
        if hiding == 0 {
            switch entry.element {
            case .link: endLink(entry)
            case .row: writer.endRow()
            default: writer.boundary(entry.margin)
            }
        }
        if let length = entry.prefixLength { writer.restorePrefix(length) }
        if entry.hides { hiding -= 1 }
        if entry.keepsSpace { keepingSpace -= 1 }
        if entry.element == .item { items -= 1 }
        if entry.element == .inline { hidingInline = nil }
    }

    // MARK: Links

    private mutating func endLink(_ entry: Open) {
        guard let href = entry.href else { return }
        // Browsers leave out line breaks and tabs; angle brackets would end it too early.
        var address = ""
        for scalar in href.unicodeScalars where scalar.value > 0x20 && scalar.value != 0x7F {
            switch scalar {
            case "<": address += "%3C"
            case ">": address += "%3E"
            default: address.unicodeScalars.append(scalar)
            }
        }
        let scheme = address.prefix(16).lowercased()
        let isOfNoUse = ["#", "javascript:", "data:", "cid:", "vbscript:"].contains { scheme.hasPrefix($0) }
        guard !address.isEmpty, !isOfNoUse else { return }
        let text = writer.output[min(entry.textStart, writer.output.count)...]
        let says =
            text.count <= address.utf8.count + 100
            && Self.bare(String(decoding: text, as: UTF8.self)) == Self.bare(address)
        if !says { writer.linkAddress(address) }
    }

    /// What an address says, as people write it.
    private static func bare(_ address: String) -> String {
        var rest = address.lowercased()[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace || last == "/" { rest.removeLast() }
        for scheme in ["mailto:", "https://", "http://", "tel:"] where rest.hasPrefix(scheme) {
            rest.removeFirst(scheme.count)
        }
        return String(rest)
    }
}
