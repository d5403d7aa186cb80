/// Makes lines of plain text: collapses white space, separates blocks, and puts quotes and the marks of lists before
/// the lines.
struct HTMLTextWriter {
    /// The text so far.
    private(set) var output: [UInt8] = []
    /// How many lines were begun.
    private(set) var lineCount = 0
    /// How many pieces of text were written.
    private(set) var pieceCount = 0
    /// Whether a line feed that comes next is none of the text: the one after `<pre>`.
    var skipsLineFeed = false

    /// What is before each line. However deep things are nested, it does not get longer than this.
    private var prefix: [UInt8] = []
    private static let longestPrefix = 64
    /// Marks in the prefix that are for the next line only; then their place stays empty.
    private var marks: [Range<Int>] = []
    /// The prefix of the last line.
    private var lastPrefix: [UInt8] = []

    /// Whether the last line is not ended.
    private var isLineOpen = false
    /// Line ends before the next text.
    private var breaks = 0
    /// White space before the next text of the line.
    private var spaces: [UInt8] = []
    /// Whether some of it stays at the beginning of a line.
    private var hasHardSpace = false
    private var endsInSoftSpace = false
    /// Separators of cells before the next text.
    private var separators = 0
    /// Whether a cell has begun on this line and has no text yet.
    private var isAtCellStart = false

    // MARK: Lines

    /// `<br>`
    mutating func lineBreak() {
        defer { clearSpaces() }
        if isAtCellStart { return }
        if isLineOpen {
            isLineOpen = false
            breaks = 1
        } else {
            breaks += 1
        }
    }

    /// The beginning or end of a block: at least so many line ends come before the next text.
    mutating func boundary(_ margin: Int) {
        guard margin > 0 else { return }
        defer { clearSpaces() }
        if isAtCellStart { return }
        if isLineOpen {
            isLineOpen = false
            breaks = margin
        } else {
            // A block with nothing but a space that does not collapse is an empty line.
            if hasHardSpace { breaks += 1 }
            breaks = max(breaks, margin)
        }
    }

    /// A cell that is not the first of its row with text. While all of the row is one line, so it stays.
    mutating func beginCell(rowLines: Int, rowPieces: Int) {
        guard pieceCount > rowPieces else { return }
        guard lineCount - rowLines <= 1 else { return boundary(1) }
        clearSpaces()
        isLineOpen = true
        breaks = 0
        separators += 1
        isAtCellStart = true
    }

    mutating func endRow() {
        isAtCellStart = false
        separators = 0
        boundary(1)
    }

    // MARK: Prefix

    /// Adds to what is before each line.
    ///
    /// - Parameter once: whether it is for the first line only, and its place stays empty in the others.
    /// - Returns: the length before, for ``restorePrefix(_:)``.
    mutating func addPrefix(_ text: String, once: Bool) -> Int {
        let length = prefix.count
        let octets = text.utf8
        guard length + octets.count <= Self.longestPrefix else { return length }
        prefix.append(contentsOf: octets)
        if once { marks.append(length..<prefix.count) }
        return length
    }

    mutating func restorePrefix(_ length: Int) {
        guard length < prefix.count else { return }
        prefix.removeLast(prefix.count - length)
        while let mark = marks.last, mark.upperBound > length { marks.removeLast() }
    }

    private mutating func useMarks() {
        for mark in marks {
            for index in mark { prefix[index] = 0x20 }
        }
        marks.removeAll(keepingCapacity: true)
    }

    // MARK: Text

    /// Text with its character references.
    mutating func text(_ octets: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, keepsSpace: Bool, isRaw: Bool = false)
    {
        var position = range.lowerBound
        let end = range.upperBound
        while position < end {
            let octet = octets[position]
            if octet == UInt8(ascii: "&"), !isRaw, let (text, next) = HTMLEntities.read(octets, at: position, end: end)
            {
                character(text, keepsSpace: keepsSpace)
                position = next
                continue
            }
            let next = position + 1
            if HTMLText.isSpace(octet) {
                let isPair = octet == 0x0D && next < end && octets[next] == 0x0A
                position = isPair ? next + 1 : next
                space(octet, keepsSpace: keepsSpace)
                continue
            }
            if octet == 0xC2, next < end, octets[next] == 0xA0 {
                hardSpace(0x20)
                position = next + 1
                continue
            }
            if octet == 0 {
                write("\u{FFFD}".utf8)
                position = next
                continue
            }
            var runEnd = next
            while runEnd < end, Self.isPlain(octets[runEnd]) { runEnd &+= 1 }
            write(octets[position..<runEnd])
            position = runEnd
        }
    }

    /// Text without character references.
    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { self.text($0, 0..<$0.count, keepsSpace: false, isRaw: true) }
    }

    /// Follows the text of a link.
    mutating func linkAddress(_ address: [UInt8]) {
        let kept = (spaces, hasHardSpace, endsInSoftSpace)
        if isLineOpen {
            spaces = isAtCellStart ? [] : [0x20]
        } else {
            spaces = []
        }
        write([UInt8(ascii: "<")])
        output.append(contentsOf: address)
        output.append(UInt8(ascii: ">"))
        (spaces, hasHardSpace, endsInSoftSpace) = kept
    }

    /// The characters of one reference.
    private mutating func character(_ text: String, keepsSpace: Bool) {
        if text == "\u{A0}" { return hardSpace(0x20) }
        if let octet = text.utf8.first, HTMLText.isSpace(octet) { return space(octet, keepsSpace: keepsSpace) }
        write(text.utf8)
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        // Everything at or below a space is looked at by itself, and what can begin U+00A0.
        octet > 0x20 && octet != UInt8(ascii: "&") && octet != 0xC2
    }

    private mutating func space(_ octet: UInt8, keepsSpace: Bool) {
        if keepsSpace {
            if octet == 0x0A || octet == 0x0D {
                if skipsLineFeed { skipsLineFeed = false } else { lineBreak() }
            } else {
                hardSpace(octet == 0x09 ? 0x09 : 0x20)
            }
        } else if !endsInSoftSpace, isLineOpen || hasHardSpace {
            spaces.append(0x20)
            endsInSoftSpace = true
        }
    }

    private mutating func hardSpace(_ octet: UInt8) {
        skipsLineFeed = false
        spaces.append(octet)
        hasHardSpace = true
        endsInSoftSpace = false
    }

    private mutating func clearSpaces() {
        skipsLineFeed = false
        spaces.removeAll(keepingCapacity: true)
        hasHardSpace = false
        endsInSoftSpace = false
    }

    private mutating func write(_ text: some Collection<UInt8>) {
        if !isLineOpen { beginLine() }
        pieceCount += 1
        for _ in 0..<separators { output.append(contentsOf: separator) }
        separators = 0
        if !marks.isEmpty {
            // The line is that of another cell.
            for mark in marks { output.append(contentsOf: prefix[mark]) }
            useMarks()
        }
        if isAtCellStart, !hasHardSpace { spaces.removeAll(keepingCapacity: true) }
        isAtCellStart = false
        output.append(contentsOf: spaces)
        clearSpaces()
        output.append(contentsOf: text)
    }

    private mutating func beginLine() {
        if !output.isEmpty {
            output.append(0x0A)
            if breaks > 1 {
                // Empty lines within a quote belong to it.
                var quote = zip(prefix, lastPrefix).prefix { $0 == $1 }.map(\.0)
                while quote.last == 0x20 { quote.removeLast() }
                for _ in 1..<breaks {
                    output.append(contentsOf: quote)
                    output.append(0x0A)
                }
            }
        }
        output.append(contentsOf: prefix)
        useMarks()
        lastPrefix = prefix
        breaks = 0
        separators = 0
        lineCount += 1
        isLineOpen = true
    }

    private let separator: [UInt8]

    init(separator: String) {
        self.separator = Array(separator.utf8)
    }
}
