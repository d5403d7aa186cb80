@testable import PosthornMIME

/// The events of a message, bodies joined, so that the division of the octets leaves no trace.
struct FuzzEvents: MIMEEventHandler {
    private var lines: [String] = []
    private var body: (role: BodyRole, octets: [UInt8])?

    static func of(_ octets: [UInt8], sizes: [Int], limits: ParsingLimits) -> [String] {
        var parser = MIMEParser(FuzzEvents(), limits: limits)
        var position = 0
        var turn = 0
        while position < octets.count {
            let size = sizes.isEmpty ? octets.count : sizes[turn % sizes.count]
            let end = min(octets.count, position + size)
            parser.parse(Array(octets[position..<end]))
            position = end
            turn += 1
        }
        var handler = parser.finish()
        handler.note("the end")
        return handler.lines
    }

    mutating func partBegins(at offset: UInt64) { note("begin \(offset)") }

    mutating func header(_ header: PartHeader, _ octets: RawSpan) {
        note("header \(header.offset) \(header.size) \(header.fields)")
    }

    mutating func body(_ role: BodyRole, _ octets: RawSpan) {
        let piece = octets.withUnsafeBytes { [UInt8]($0) }
        if body?.role == role {
            body?.octets += piece
        } else {
            note("")
            body = (role, piece)
        }
    }

    mutating func partEnds(body: Range<UInt64>) { note("end \(body)") }

    mutating func defect(_ kind: MessageDefect.Kind, at offset: UInt64) { note("\(kind) \(offset)") }

    private mutating func note(_ line: String) {
        if let body { lines.append("\(body.role) \(body.octets)") }
        body = nil
        if !line.isEmpty { lines.append(line) }
    }
}
