import Posthorn
import PosthornMIME

/// What `posthorn inspect` tells about one part.
struct PartReport {
    let part: ParsedPart
    let defects: [MessageDefect]
    private let size: UInt64
    private let sha256: String
    private let disposition: String?

    /// Decodes the part, and writes it to a folder if there is one.
    init(_ part: ParsedPart, folder: PartFolder?) throws {
        self.part = part
        var hash = SHA256()
        let file = try folder?.create(part.path)
        let decoding = try part.forEachDecodedPiece { piece in
            try Task.checkCancellation()
            hash.update(piece)
            try file?.write(piece)
        }
        try file?.close()
        size = decoding.size
        sha256 = hash.finish()
        disposition = part.disposition?.value
        var kinds: [MessageDefect.Kind] = []
        if decoding.defects.contains(.unknownEncoding) { kinds.append(.unknownEncoding) }
        if !decoding.defects.subtracting(.unknownEncoding).isEmpty { kinds.append(.malformedEncoding) }
        defects = kinds.map { MessageDefect($0, at: part.bodyRange.lowerBound, path: part.path) }
    }

    var json: JSONValue {
        [
            "path": .string(part.path),
            "content_type": .string(part.contentType.value),
            "charset": .text(part.charset?.lowercased()),
            "filename": .text(part.fileName),
            "disposition": .text(disposition),
            "content_id": .text(part.contentID),
            "size": .number(Int64(clamping: size)),
            "sha256": .string(sha256),
        ]
    }

    /// One line, and one for the file name.
    func lines(width: Int) -> [String] {
        var facts = part.contentType.value
        if let charset = part.charset { facts += "; \(charset)" }
        if let disposition { facts += "; \(disposition)" }
        if let name = part.fileName { facts += "; '\(name)'" }
        return [
            "\(part.path.padded(to: max(12, width + 2)))\(PeerText.shown(facts, limit: 300))",
            "            \(size) octets, SHA-256 \(sha256)",
        ]
    }
}
