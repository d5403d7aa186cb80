/// The texts and the files of a message, as a mail program shows them.
extension ParsedMessage {
    /// The part that is the text of the message as `text/plain`; `nil` if it has none.
    public var textPart: ParsedPart? { Self.body("text/plain", of: root) }

    /// The part that is the text of the message as `text/html`; `nil` if it has none.
    public var htmlPart: ParsedPart? { Self.body("text/html", of: root) }

    /// The text of the message for people: of ``textPart``, with lines that belong together joined (format=flowed, RFC 3676);
    /// without one, the text of ``htmlPart``. A multipart without any part has its own text. `nil` if there is none.
    ///
    /// - Throws: what ``ParsedPart/text(upTo:)`` throws.
    public func plainText(upTo limit: Int = 1 << 26) throws -> String? {
        if let textPart {
            let text = try textPart.text(upTo: limit)
            guard textPart.contentType["format"]?.lowercased() == "flowed" else { return text }
            let removesSpace = textPart.contentType["delsp"]?.lowercased() == "yes"
            return FlowedText.decode(text, delSp: removesSpace).plainText
        }
        if let htmlPart { return HTMLText.plainText(from: try htmlPart.text(upTo: limit)) }
        return leaves.isEmpty ? try root.text(upTo: limit) : nil
    }

    /// The parts that are files rather than text: leaves that are no body of ``textPart`` and ``htmlPart``, and embedded
    /// messages as wholes. Images that the HTML shows are among them; they have a ``ParsedPart/contentID``.
    public var attachments: [ParsedPart] {
        var found: [ParsedPart] = []
        let bodies = [textPart?.path, htmlPart?.path]
        func visit(_ part: ParsedPart) {
            if part.contentType.isMultipart, part.isDivided {
                for child in part.children { visit(child) }
            } else if !bodies.contains(part.path) {
                found.append(part)
            }
        }
        visit(root)
        return found
    }

    /// The first part of a type that is text to be read: in a `multipart/alternative` the last of that type, because the
    /// richest comes last (RFC 2046 section 5.1.4). Depth is limited by the parser.
    private static func body(_ type: String, of part: ParsedPart) -> ParsedPart? {
        guard part.contentType.isMultipart, part.isDivided else {
            return part.contentType.value == type && !part.isAttachment ? part : nil
        }
        switch part.contentType.subtype {
        case "alternative": return part.children.reversed().lazy.compactMap { body(type, of: $0) }.first
        // The first part is the document, the others are shown in it (RFC 2387).
        case "related": return part.children.first.flatMap { body(type, of: $0) }
        default: return part.children.lazy.compactMap { body(type, of: $0) }.first
        }
    }
}
