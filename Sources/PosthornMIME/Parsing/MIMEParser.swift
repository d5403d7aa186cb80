import Posthorn

/// Takes a message apart (RFC 5322, RFC 2045, RFC 2046) without I/O: octets in, events out.
///
/// No message is refused: what the standards do not allow is read as well as can be, and told as a defect. Memory does not
/// grow with the message: what is kept between two calls is at most a header, or a line that may be a boundary. The
/// same events come however the octets are divided, but for the sizes of the pieces of bodies.
///
/// ```swift
/// var parser = MIMEParser(handler)
/// while let piece = try next() { try parser.parse(piece) }
/// let handler = try parser.finish()
/// ```
public struct MIMEParser<Handler: MIMEEventHandler> {
    /// Takes the events.
    public private(set) var handler: Handler

    private let limits: ParsingLimits
    private var state = State.begin
    private var open: [OpenPart] = []
    private var boundaries = Boundaries()
    private var scan = HeaderScan()
    /// How many parts were begun.
    private var partCount = 0
    /// The size of all headers so far.
    private var headerSize = 0
    /// The octets that came and are not decided on.
    private var kept: [UInt8] = []
    /// Where the first octet that is not decided on is in the message.
    private var offset: UInt64 = 0
    /// A header that the limits have cut, until its end comes.
    private var cutHeader: PartHeader?
    /// Whether the first of them begins a line.
    private var isAtLineStart = true
    private var lineEnds: HeaderScan.LineEnds = []
    private var hasToldLineEnds = false

    private enum State { case begin, header, restOfHeader, body, end }

    private struct OpenPart {
        /// Where its body begins.
        var bodyStart: UInt64 = 0
        /// Whether it holds parts, so that text of its own is of no interest.
        var isDivided = false
        var hasHadLastBoundary = false
        /// Whether one of its boundaries has come.
        var hasParts = false
        /// Whether it is a multipart/digest, whose parts are messages unless they say something else.
        var isDigest = false

        var role: BodyRole { !isDivided ? .content : hasHadLastBoundary ? .epilogue : .preamble }
    }

    /// A parser at the beginning of a message.
    public init(_ handler: Handler, limits: ParsingLimits = .standard) {
        self.handler = handler
        self.limits = limits
    }

    /// Takes more octets of the message.
    public mutating func parse(_ octets: [UInt8]) throws(Handler.Failure) {
        try parse(octets.span.bytes)
    }

    /// Takes more octets of the message.
    public mutating func parse(_ octets: RawSpan) throws(Handler.Failure) {
        if kept.isEmpty {
            try octets.withUnsafeBytes { (window) throws(Handler.Failure) in
                let taken = try run(window, isComplete: false)
                kept.append(contentsOf: window[taken...])
            }
            return
        }
        // A header that came in pieces, or the last octets before this piece, which may begin a boundary.
        octets.withUnsafeBytes { kept.append(contentsOf: $0) }
        try runKept(isComplete: false)
    }

    /// The message is complete: brings the events that are left.
    ///
    /// - Returns: the handler.
    @discardableResult
    public mutating func finish() throws(Handler.Failure) -> Handler {
        try runKept(isComplete: true)
        return handler
    }

    /// How many octets wait for more.
    var keptCount: Int { kept.count }

    /// Takes a whole message, without a copy of any octet.
    mutating func parseWhole(_ octets: RawSpan) throws(Handler.Failure) {
        try octets.withUnsafeBytes { (window) throws(Handler.Failure) in
            _ = try run(window, isComplete: true)
        }
    }

    private mutating func runKept(isComplete: Bool) throws(Handler.Failure) {
        var window: [UInt8] = []
        swap(&window, &kept)
        let taken = try window.span.bytes.withUnsafeBytes { (octets) throws(Handler.Failure) in
            try run(octets, isComplete: isComplete)
        }
        if taken > 0 { window.removeFirst(taken) }
        swap(&window, &kept)
    }

    // MARK: States

    /// - Returns: how many octets are decided on.
    private mutating func run(_ window: UnsafeRawBufferPointer, isComplete: Bool) throws(Handler.Failure) -> Int {
        if state == .begin { beginPart() }
        var position = 0
        while try step(window, &position, isComplete) {}
        if isComplete {
            try close(downTo: 0, bodyEnd: offset + UInt64(position))
            state = .end
        }
        offset += UInt64(position)
        return position
    }

    /// - Returns: whether something follows; `false` if more octets are needed.
    private mutating func step(
        _ window: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ isComplete: Bool
    ) throws(Handler.Failure) -> Bool {
        switch state {
        case .begin, .header: return try readHeader(window, &position, isComplete)
        case .restOfHeader: return try passHeader(window, &position, isComplete)
        case .body: return try readBody(window, &position, isComplete)
        case .end:
            position = window.count
            return false
        }
    }

    /// Whether the limits allow another part.
    private var mayBegin: Bool { partCount < limits.parts && headerSize < limits.allHeadersSize }

    private mutating func beginPart() {
        partCount += 1
        open.append(OpenPart())
        boundaries.push([])
        scan = HeaderScan()
        state = .header
    }

    /// Takes back a part of which there is nothing: two boundaries in a row are one, since each has a line end before it
    /// (RFC 2046 section 5.1.1).
    private mutating func takeBackPart() {
        partCount -= 1
        open.removeLast()
        boundaries.pop()
        isAtLineStart = true
        state = .body
    }

    private mutating func readHeader(
        _ window: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ isComplete: Bool
    ) throws(Handler.Failure) -> Bool {
        let octets = UnsafeRawBufferPointer(rebasing: window[position...])
        let boundaries = boundaries
        let end = scan.scan(octets, isComplete: isComplete, limits: limits) { boundaries.match($0) != nil }
        guard let end else { return false }
        if end.size == 0, end.isBoundary, open.count > 1 {
            takeBackPart()
            return true
        }
        let start = offset + UInt64(position)
        try handler.partBegins(at: start)
        let text = UnsafeRawBufferPointer(rebasing: octets[..<end.size])
        let isDigestPart = open.count > 1 && open[open.count - 2].isDigest
        let header = PartHeader(scan.fields, in: text, at: start, isDigestPart: isDigestPart)
        try handler.header(header, text.bytes)
        try tellDefects(of: text, at: start)
        if header.isTypeMalformed { try handler.defect(.malformedField, at: start) }
        position += end.size
        headerSize += end.size
        isAtLineStart = true
        guard end.isCut else {
            try enter(header, bodyStart: offset + UInt64(position))
            return true
        }
        cutHeader = header
        state = .restOfHeader
        return true
    }

    private mutating func tellDefects(
        of text: UnsafeRawBufferPointer,
        at start: UInt64
    ) throws(Handler.Failure) {
        for (kind, position) in scan.defects { try handler.defect(kind, at: start + UInt64(position)) }
        lineEnds.formUnion(scan.lineEnds)
        if !hasToldLineEnds, lineEnds.contains(.cr) || lineEnds == [.crlf, .lf] {
            hasToldLineEnds = true
            try handler.defect(.bareLineEnd, at: start)
        }
        let finding = HeaderOctets(text)
        if finding.hasNUL { try handler.defect(.nulInHeader, at: start) }
        if finding.isMalformed { try handler.defect(.eightBitHeader, at: start) }
    }

    /// The header is over, and tells what the body is.
    private mutating func enter(_ header: PartHeader, bodyStart: UInt64) throws(Handler.Failure) {
        let top = open.count - 1
        open[top].bodyStart = bodyStart
        state = .body
        let type = header.contentType
        guard type.isMultipart || type.isMessage else { return }
        guard header.transferEncoding.isIdentity else {
            return try handler.defect(.encodedMultipart, at: header.offset)
        }
        guard open.count < limits.depth else { return try handler.defect(.nestedTooDeep, at: header.offset) }
        if type.isMessage {
            guard mayBegin else { return try handler.defect(.tooManyParts, at: header.offset) }
            open[top].isDivided = true
            return beginPart()
        }
        let boundary = type.boundary
        guard !boundary.isEmpty else { return try handler.defect(.missingBoundary, at: header.offset) }
        open[top].isDivided = true
        open[top].isDigest = type.subtype == "digest"
        boundaries.pop()
        boundaries.push(boundary)
    }

    /// Passes over the lines of a header that is too large.
    private mutating func passHeader(
        _ window: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ isComplete: Bool
    ) throws(Handler.Failure) -> Bool {
        while true {
            let contentEnd = LineEndSearch.next(in: window, from: position)
            let line = UnsafeRawBufferPointer(rebasing: window[position..<contentEnd])
            if isAtLineStart {
                // Whether a line feed follows CR must be known, and the whole of what may be a boundary.
                if contentEnd + 1 >= window.count, !isComplete {
                    guard line.count > boundaries.longestLine else { return false }
                    position = contentEnd
                    isAtLineStart = false
                    return false
                }
                let isBoundary = line.count > 2 && boundaries.match(line) != nil
                if isBoundary || (contentEnd == window.count && isComplete) || line.isEmpty {
                    if !isBoundary { position = Self.lineEnd(of: window, at: contentEnd) }
                    guard let header = cutHeader else { return false }
                    cutHeader = nil
                    isAtLineStart = true
                    try enter(header, bodyStart: offset + UInt64(position))
                    return true
                }
            } else if contentEnd + 1 >= window.count, !isComplete {
                position = contentEnd
                return false
            } else if contentEnd == window.count {
                position = contentEnd
                isAtLineStart = true
                continue
            }
            isAtLineStart = true
            position = Self.lineEnd(of: window, at: contentEnd)
        }
    }

    // MARK: Bodies

    private mutating func readBody(
        _ window: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ isComplete: Bool
    ) throws(Handler.Failure) -> Bool {
        let start = position
        var search = start
        while boundaries.longest > 0 {
            let found = DelimiterSearch.next(in: window, from: search)
            guard found + 1 < window.count else { break }
            guard found == start ? isAtLineStart : window[found - 1] == 0x0A || window[found - 1] == 0x0D else {
                search = found + 1
                while search < window.count, window[search] == UInt8(ascii: "-") { search += 1 }
                continue
            }
            let last = min(window.count, found + boundaries.longestLine)
            let line = UnsafeRawBufferPointer(rebasing: window[found..<last])
            let contentEnd = found + LineEndSearch.next(in: line, from: 2)
            // Whether a line feed follows CR must be known.
            if contentEnd + 1 >= window.count, !isComplete {
                try emitBody(window, &position, to: Self.end(of: window, before: found, from: start))
                return false
            }
            let match =
                contentEnd < last || last == window.count
                ? boundaries.match(UnsafeRawBufferPointer(rebasing: window[found..<contentEnd])) : nil
            guard let match else {
                search = found + 2
                continue
            }
            if !match.isClosing, !mayBegin {
                boundaries.retireAll()
                try handler.defect(.tooManyParts, at: offset + UInt64(found))
                break
            }
            try emitBody(window, &position, to: Self.end(of: window, before: found, from: start))
            let bodyEnd = offset + UInt64(position)
            position = Self.lineEnd(of: window, at: contentEnd)
            try meet(match, bodyEnd: bodyEnd)
            return true
        }
        // A line end, and a hyphen behind it, may belong to a boundary.
        let isSure = isComplete || boundaries.longest == 0
        try emitBody(window, &position, to: isSure ? window.count : max(start, window.count - 3))
        return false
    }

    /// A boundary has come.
    private mutating func meet(_ match: Boundaries.Match, bodyEnd: UInt64) throws(Handler.Failure) {
        try close(downTo: match.level + 1, bodyEnd: bodyEnd)
        open[match.level].hasParts = true
        isAtLineStart = true
        guard match.isClosing else { return beginPart() }
        open[match.level].hasHadLastBoundary = true
        boundaries.retire(match.level)
        state = .body
    }

    private mutating func emitBody(
        _ window: UnsafeRawBufferPointer,
        _ position: inout Int,
        to end: Int
    ) throws(Handler.Failure) {
        guard end > position, let top = open.last else { return }
        let octets = UnsafeRawBufferPointer(rebasing: window[position..<end])
        position = end
        isAtLineStart = false
        try handler.body(top.role, octets.bytes)
    }

    /// Ends the innermost parts until `count` are left.
    private mutating func close(downTo count: Int, bodyEnd: UInt64) throws(Handler.Failure) {
        while open.count > count, let part = open.popLast() {
            let hasBoundary = boundaries.pop()
            if hasBoundary { try handler.defect(part.hasParts ? .missingCloseDelimiter : .absentBoundary, at: bodyEnd) }
            try handler.partEnds(body: min(part.bodyStart, bodyEnd)..<bodyEnd)
        }
    }

    /// Where the text before a line ends, at the earliest at `start`.
    private static func end(of window: UnsafeRawBufferPointer, before line: Int, from start: Int) -> Int {
        var end = line
        if end > start, window[end - 1] == 0x0A { end -= 1 }
        if end > start, window[end - 1] == 0x0D, end == line || end == line - 1 { end -= 1 }
        return end
    }

    /// Behind the line end at a position, if there is one.
    private static func lineEnd(of window: UnsafeRawBufferPointer, at position: Int) -> Int {
        guard position < window.count else { return position }
        let isPair = window[position] == 0x0D && position + 1 < window.count && window[position + 1] == 0x0A
        return position + (isPair ? 2 : 1)
    }
}
