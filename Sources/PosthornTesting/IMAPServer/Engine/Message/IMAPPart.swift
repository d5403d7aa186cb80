/// A message, or a part of one (RFC 2045, RFC 2046): where it lies, and what lies in it.
struct IMAPPart: Sendable {
    /// How deep parts may lie in each other, and how many there may be. What passes that is one part.
    private static let depth = 20
    private static let count = 1_000

    let header: IMAPHeader
    /// Where the body lies.
    let body: Range<Int>
    let type: IMAPParameters
    /// The parts of a multipart, or the one message of a message/rfc822.
    private(set) var children: [IMAPPart] = []

    private static let text = IMAPParameters(Array("text/plain".utf8))
    private static let message = IMAPParameters(Array("message/rfc822".utf8))

    /// Reads a message whose header is read already.
    init(_ octets: [UInt8], _ header: IMAPHeader) {
        var budget = Self.count
        self.init(octets, header, octets.count, depth: 0, fallback: Self.text, &budget)
    }

    private init(
        _ octets: [UInt8],
        _ header: IMAPHeader,
        _ end: Int,
        depth: Int,
        fallback: IMAPParameters,
        _ budget: inout Int
    ) {
        self.header = header
        body = min(header.end, end)..<end
        let type = header.value("content-type", in: octets).map(IMAPParameters.init) ?? fallback
        self.type = type.main.contains("/") ? type : fallback
        budget -= 1
        guard depth < Self.depth, budget > 0 else { return }
        if mainType == "MULTIPART", let boundary = self.type["boundary"], !boundary.isEmpty {
            let fallback = subtype == "DIGEST" ? Self.message : Self.text
            for part in Self.split(octets, body, boundary) where budget > 0 {
                let header = IMAPHeader(octets, part)
                let end = part.upperBound
                children.append(IMAPPart(octets, header, end, depth: depth + 1, fallback: fallback, &budget))
            }
        } else if isMessage {
            let header = IMAPHeader(octets, body)
            children.append(IMAPPart(octets, header, end, depth: depth + 1, fallback: Self.text, &budget))
        }
    }

    /// In upper case.
    var mainType: String { String(type.main.prefix { $0 != "/" }).uppercased() }
    /// In upper case.
    var subtype: String { String(type.main.drop { $0 != "/" }.dropFirst()).uppercased() }
    var isMultipart: Bool { mainType == "MULTIPART" && !children.isEmpty }
    var isMessage: Bool { mainType == "MESSAGE" && (subtype == "RFC822" || subtype == "GLOBAL") }

    /// Everything, header and body.
    var range: Range<Int> { header.start..<body.upperBound }

    /// Where the parts of a multipart lie, without the line ends before the boundaries.
    private static func split(_ octets: [UInt8], _ body: Range<Int>, _ boundary: [UInt8]) -> [Range<Int>] {
        let delimiter = [45, 45] + boundary
        var parts: [Range<Int>] = []
        var start: Int?
        octets.withUnsafeBytes { bytes in
            var position = body.lowerBound
            while position < body.upperBound {
                let next = Octets.first(10, in: bytes, position..<body.upperBound).map { $0 + 1 } ?? body.upperBound
                if bytes[position] == 45, Octets.match(octets, from: position, delimiter) {
                    var end = position
                    if end > body.lowerBound, bytes[end - 1] == 10 { end -= 1 }
                    if end > body.lowerBound, bytes[end - 1] == 13 { end -= 1 }
                    if let start { parts.append(start..<max(start, end)) }
                    start = next
                    if Octets.match(octets, from: position + delimiter.count, [45, 45]) {
                        start = nil
                        return
                    }
                }
                position = next
            }
        }
        if let start { parts.append(start..<max(start, body.upperBound)) }
        return parts
    }

    /// The part of a number such as 2.1 (RFC 3501 section 6.4.5), seen from a message.
    func part(_ path: [Int]) -> IMAPPart? {
        guard let first = path.first else { return self }
        let rest = Array(path.dropFirst())
        guard isMultipart else { return first == 1 ? inner(rest) : nil }
        return children.indices.contains(first - 1) ? children[first - 1].inner(rest) : nil
    }

    /// The part of a number, seen from a part.
    private func inner(_ path: [Int]) -> IMAPPart? {
        if path.isEmpty || isMultipart { return part(path) }
        return isMessage ? children.first?.part(path) : nil
    }
}
