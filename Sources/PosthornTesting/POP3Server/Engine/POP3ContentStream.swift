/// The content of a message as RETR or TOP sends it (RFC 1939 section 3), without the final dot: a dot at the beginning
/// of a line is doubled, and a last line that does not end gets its CRLF.
///
/// Only CRLF ends a line. A dot behind a lone LF is no dot at the beginning of a line, and stays alone.
struct POP3ContentStream: OctetStream {
    private let content: ServerContent
    private var offset: UInt64 = 0
    /// What is made and not given yet.
    private var ready: [UInt8] = []
    private var given = 0
    /// The last two octets of the content so far; at first as if a line had ended.
    private var last: (UInt8, UInt8) = (13, 10)
    private var isFinished = false

    /// What TOP shows: the header, and so many lines of the body.
    private var bodyLines: Int?
    private var isInHeader = true
    private var lineLength = 0

    /// - Parameter bodyLines: How many lines of the body are shown; `nil` for everything.
    init(_ content: ServerContent, bodyLines: Int? = nil) {
        self.content = content
        self.bodyLines = bodyLines
    }

    mutating func next(_ limit: Int) -> [UInt8] {
        while given >= ready.count {
            guard !isFinished else { return [] }
            given = 0
            ready = make()
        }
        if given == 0, ready.count <= limit {
            defer { ready = [] }
            return ready
        }
        let piece = Array(ready[given..<min(ready.count, given + limit)])
        given += piece.count
        return piece
    }

    private mutating func make() -> [UInt8] {
        let octets = content.octets(from: offset, limit: 64 * 1_024)
        guard !octets.isEmpty else {
            isFinished = true
            return last == (13, 10) ? [] : [13, 10]
        }
        offset += UInt64(octets.count)
        let made = octets.withUnsafeBytes { bodyLines == nil ? stuff($0) : stuffLines($0) }
        if octets.count > 1 { last.0 = octets[octets.count - 2] } else { last.0 = last.1 }
        last.1 = octets[octets.count - 1]
        return made ?? octets
    }

    /// Whether a line begins at a position.
    private func isLineStart(_ octets: UnsafeRawBufferPointer, _ position: Int) -> Bool {
        switch position {
        case 0: last == (13, 10)
        case 1: last.1 == 13 && octets[0] == 10
        default: octets[position - 2] == 13 && octets[position - 1] == 10
        }
    }

    /// Doubles dots; `nil` if there is none to double. Looks at nothing but dots, which are rare.
    private func stuff(_ octets: UnsafeRawBufferPointer) -> [UInt8]? {
        var made: [UInt8]?
        var start = 0
        var position = 0
        while let dot = Octets.first(UInt8(ascii: "."), in: octets, position..<octets.count) {
            if isLineStart(octets, dot) {
                made = made ?? []
                made?.append(contentsOf: octets[start...dot])
                start = dot
            }
            position = dot + 1
        }
        guard made != nil else { return nil }
        made?.append(contentsOf: octets[start...])
        return made
    }

    /// Doubles dots and counts lines, up to the last one that is wanted.
    private mutating func stuffLines(_ octets: UnsafeRawBufferPointer) -> [UInt8] {
        var made: [UInt8] = []
        var position = 0
        while position < octets.count {
            if octets[position] == UInt8(ascii: "."), isLineStart(octets, position) { made.append(UInt8(ascii: ".")) }
            let feed = Octets.first(10, in: octets, position..<octets.count)
            let end = feed.map { $0 + 1 } ?? octets.count
            made.append(contentsOf: octets[position..<end])
            lineLength += end - position
            position = end
            guard feed != nil, isLineStart(octets, end) else { continue }
            if isInHeader {
                isInHeader = lineLength > 2
                if !isInHeader, bodyLines == 0 { return stop(made) }
            } else {
                bodyLines = bodyLines.map { $0 - 1 }
                if bodyLines == 0 { return stop(made) }
            }
            lineLength = 0
        }
        return made
    }

    private mutating func stop(_ made: [UInt8]) -> [UInt8] {
        isFinished = true
        return made
    }
}
