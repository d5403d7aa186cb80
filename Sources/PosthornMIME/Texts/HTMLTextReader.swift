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
    /// Where the open lists are in ``open``.
    private var lists: [Int] = []
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
            endOpen(.item, until: .aroundItem)
            push(element, attributes, hides: hides)
        case .term, .description:
            endOpen(.definition, until: .aroundDefinition)
            push(element, attributes, hides: hides)
        case .row:
            endOpen(.row, until: .table)
            push(element, attributes, hides: hides)
        case .cell:
            endOpen(.cell, until: .aroundCell)
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
        if element == .ordered || element == .unordered { lists.append(open.count) }
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
        guard let list = lists.last, open[list].element == .ordered else { return "- " }
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
            if inline.depth > 1 { hidingInline?.depth -= 1 } else { endOpen(.inline, until: []) }
        default:
            if let count = tooDeep[element], count > 0 {
                tooDeep[element] = count - 1
                if hiding == 0 { writer.boundary(element.margin) }
            } else if !endOpen(HTMLElements(element), until: Self.limits(element)), hiding == 0, element == .paragraph {
                writer.boundary(element.margin)
            }
        }
    }

    /// The elements that an end tag does not reach beyond.
    private static func limits(_ element: HTMLElement) -> HTMLElements {
        switch element {
        case .table: []
        case .row: .table
        case .cell: .aroundCell
        default: .scope
        }
    }

    /// The beginning of a block ends a paragraph, if nothing else is open in it that has a place of its own.
    private mutating func endParagraph() {
        endOpen(.paragraph, until: .aroundParagraph)
    }

    /// Ends the innermost element of some kinds, if none of `limits` is open in it.
    @discardableResult
    private mutating func endOpen(_ elements: HTMLElements, until limits: HTMLElements) -> Bool {
        var index = open.count
        while index > 0 {
            index -= 1
            let element = open[index].element
            if elements.contains(element) {
                while open.count > index { endLast() }
                return true
            }
            guard !limits.contains(element) else { return false }
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
        if lists.last == open.count { lists.removeLast() }
        if entry.element == .inline { hidingInline = nil }
    }

    // MARK: Links

    private mutating func endLink(_ entry: Open) {
        guard let href = entry.href else { return }
        // Browsers leave out line breaks and tabs; angle brackets would end it too early.
        var address: [UInt8] = []
        address.reserveCapacity(href.utf8.count)
        for octet in href.utf8 where octet > 0x20 && octet != 0x7F {
            switch octet {
            case UInt8(ascii: "<"): address.append(contentsOf: "%3C".utf8)
            case UInt8(ascii: ">"): address.append(contentsOf: "%3E".utf8)
            default: address.append(octet)
            }
        }
        guard !address.isEmpty, !Self.useless.contains(where: { Self.begins(address[...], $0) }) else { return }
        if !isSaid(address, since: entry.textStart) { writer.linkAddress(address) }
    }

    /// Whether the text says no more than the address.
    private func isSaid(_ address: [UInt8], since start: Int) -> Bool {
        let text = writer.output[min(start, writer.output.count)...]
        guard text.count <= address.count + 100 else { return false }
        return Self.bare(text).elementsEqual(Self.bare(address[...])) {
            ASCIIText.lowered($0) == ASCIIText.lowered($1)
        }
    }

    /// Beginnings of addresses that say nothing to a reader.
    private static let useless = ["#", "javascript:", "data:", "cid:", "vbscript:"].map { Array($0.utf8) }
    /// Beginnings that people leave out.
    private static let schemes = ["mailto:", "https://", "http://", "tel:"].map { Array($0.utf8) }

    private static func begins(_ octets: ArraySlice<UInt8>, _ beginning: [UInt8]) -> Bool {
        octets.prefix(beginning.count).elementsEqual(beginning) { ASCIIText.lowered($0) == $1 }
    }

    /// What an address says, as people write it.
    private static func bare(_ address: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = address.drop { $0 <= 0x20 }
        while let last = rest.last, last <= 0x20 || last == UInt8(ascii: "/") { rest = rest.dropLast() }
        for scheme in schemes where begins(rest, scheme) { rest = rest.dropFirst(scheme.count) }
        return rest
    }
}
