import Posthorn

/// A part of a message: what it is and where its content comes from, before its encoding is chosen.
struct Part: Sendable {
    enum Body: Sendable {
        case text(TextLines)
        case bytes([UInt8])
        case file(String)
        /// A message, and the fields of the part if it must go as a file.
        case message(MessageContent, asFile: HeaderFields)
        case multipart([Part], boundary: String)
    }

    /// Type and subtype.
    let mediaType: String
    /// The fields but for Content-Transfer-Encoding.
    let fields: HeaderFields
    let body: Body
    /// What errors call it.
    let name: String

    /// A text part in UTF-8.
    static func text(_ text: String, _ mediaType: String, parameters: [String] = []) -> Part {
        let type = Parameter.value(mediaType, ["charset=utf-8"] + parameters)
        return Part(
            mediaType: mediaType,
            fields: [HeaderField(.contentType, type)],
            body: .text(TextLines(text)),
            name: mediaType
        )
    }

    static func plain(_ text: String) -> Part { .text(text, "text/plain") }

    static func multipart(_ subtype: String, _ parts: [Part], parameters: [String] = []) -> Part {
        let boundary = Boundary.make(outside: parts)
        let type = Parameter.value("multipart/\(subtype)", ["boundary=\"\(boundary)\""] + parameters)
        return Part(
            mediaType: "multipart/\(subtype)",
            fields: [HeaderField(.contentType, type)],
            body: .multipart(parts, boundary: boundary),
            name: subtype
        )
    }

    /// A multipart, or the part itself if there is only one; `nil` if there is none.
    static func grouped(_ subtype: String, _ parts: [Part]) -> Part? {
        parts.count > 1 ? .multipart(subtype, parts) : parts.first
    }

    /// Finds mistakes in the fields of this part and of those within.
    func validate() throws {
        _ = try fields.serialized(utf8: false)
        if case .multipart(let parts, _) = body {
            for part in parts { try part.validate() }
        }
    }
}

/// Boundaries between the parts of a multipart (RFC 2046 section 5.1.1).
enum Boundary {
    /// A boundary that no part holds.
    ///
    /// `=_` occurs neither in base64 nor in quoted-printable. Texts that are not encoded are searched; for content that
    /// comes later as a stream, 128 random bits must do.
    static func make(outside parts: [Part]) -> String {
        while true {
            var generator = SystemRandomNumberGenerator()
            let random = [generator.next(), generator.next()].map { (part: UInt64) in String(part, radix: 36) }
            let boundary = "=_" + random.joined()
            let octets = Array(boundary.utf8)
            if !parts.contains(where: { holds($0, octets) }) { return boundary }
        }
    }

    private static func holds(_ part: Part, _ boundary: [UInt8]) -> Bool {
        switch part.body {
        case .text(let lines): lines.holds(boundary)
        case .multipart(let parts, _): parts.contains { holds($0, boundary) }
        case .bytes(let bytes): TextLines.holds(bytes, boundary)
        case .file, .message: false
        }
    }
}

extension TextLines {
    func holds(_ pattern: [UInt8]) -> Bool { Self.holds(octets, pattern) }

    /// Whether octets hold a pattern that begins with two octets that are rare together.
    static func holds(_ octets: [UInt8], _ pattern: [UInt8]) -> Bool {
        guard let first = pattern.first, octets.count >= pattern.count else { return false }
        var rest = octets[...]
        while let index = rest.firstIndex(of: first) {
            rest = rest[index...]
            if rest.starts(with: pattern) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
