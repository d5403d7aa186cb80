@testable import PosthornMIME

/// Writes down the events of a parser: bodies joined, so that the division of the octets leaves no trace.
struct EventLog: MIMEEventHandler {
    private(set) var lines: [String] = []
    private var pending: (role: BodyRole, octets: [UInt8])?

    mutating func partBegins(at offset: UInt64) {
        note("begin \(offset)")
    }

    mutating func header(_ header: PartHeader, _ octets: RawSpan) {
        let text = octets.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let names = header.fields.map { place in
            octets.withUnsafeBytes { String(decoding: $0[place.start..<place.nameEnd], as: UTF8.self) }
        }
        note("header \(header.offset)+\(header.size) \(names) \(text.debugDescription)")
    }

    mutating func body(_ role: BodyRole, _ octets: RawSpan) {
        let piece = octets.withUnsafeBytes { [UInt8]($0) }
        if pending?.role == role { pending?.octets += piece } else { pending = (role, piece) }
    }

    mutating func partEnds(body: Range<UInt64>) {
        note("end \(body)")
    }

    mutating func defect(_ kind: MessageDefect.Kind, at offset: UInt64) {
        note("defect \(kind) \(offset)")
    }

    private mutating func note(_ line: String) {
        if let body = pending {
            lines.append("\(body.role) \(String(decoding: body.octets, as: UTF8.self).debugDescription)")
        }
        pending = nil
        lines.append(line)
    }

    /// The events of a message that comes in pieces.
    static func events(_ octets: [UInt8], pieces: [Int], limits: ParsingLimits = .standard) -> [String] {
        var parser = MIMEParser(EventLog(), limits: limits)
        var position = 0
        for count in pieces where position < octets.count {
            let end = min(octets.count, position + count)
            parser.parse(Array(octets[position..<end]))
            position = end
        }
        if position < octets.count { parser.parse(Array(octets[position...])) }
        return parser.finish().lines
    }

    /// The events of a message that comes at once.
    static func events(_ text: String, limits: ParsingLimits = .standard) -> [String] {
        events(Array(text.utf8), pieces: [], limits: limits)
    }
}
