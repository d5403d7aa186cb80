import Posthorn

/// A part of a message that was read: its header, and where its body is. The body is read and decoded when it is asked for.
public struct ParsedPart: Sendable {
    /// Its number as IMAP counts (RFC 9051 section 6.4.5): `1`, `2`, `2.1` … The parts of a multipart are numbered; those of
    /// an embedded message stand below the part that holds it. The multipart that is the body of a whole message has the
    /// number of the message: an empty text for the outermost.
    public let path: String
    /// Where the header is, the empty line at its end included, in octets from the beginning of the message.
    public let headerRange: Range<UInt64>
    /// Where the body is, still encoded.
    public let bodyRange: Range<UInt64>
    /// The fields of the header.
    public let fields: ParsedFields
    /// Content-Type, or what counts without it: `text/plain`, in a `multipart/digest` `message/rfc822`.
    public let contentType: ParameterizedValue
    /// Content-Transfer-Encoding.
    public let transferEncoding: TransferEncoding
    /// The parts of a multipart, or the one message in a part that holds a message (`message/rfc822`, `message/global`).
    public let children: [ParsedPart]

    /// Whether it was not taken apart, though its type says that it holds parts.
    let isOpaque: Bool
    let message: MessageOctets

    /// Whether it holds parts or a message instead of content of its own. A multipart whose boundary does not come holds no
    /// part; its text is reachable as its body.
    public var isDivided: Bool { !children.isEmpty || contentType.isMultipart && !isOpaque }

    /// Content-Disposition (RFC 2183), `inline` or `attachment` in lower case; `nil` if there is none.
    public var disposition: ParameterizedValue? {
        guard let field = fields.first("Content-Disposition") else { return nil }
        var disposition = ParameterizedValue(field.value)
        disposition.value = disposition.value.lowercased()
        return disposition
    }

    /// The name of the file, from Content-Disposition, or from Content-Type as old programs write it.
    public var fileName: String? {
        disposition?["filename"] ?? contentType["name"]
    }

    /// The character set's label from Content-Type, as it is written.
    public var charset: String? { contentType["charset"] }

    /// Content-ID without angle brackets; `nil` if there is none.
    public var contentID: String? {
        guard let text = fields["Content-ID"]?.trimmed(), !text.isEmpty else { return nil }
        guard text.hasPrefix("<"), text.hasSuffix(">"), text.utf8.count > 2 else { return text }
        return String(text.dropFirst().dropLast())
    }

    /// Whether it is meant to be saved rather than shown: it says so, or has a file name and is no text.
    public var isAttachment: Bool {
        if let disposition { return disposition.value != "inline" }
        return fileName != nil && !contentType.value.hasPrefix("text/")
    }

    /// The leaves, in the order of the message: this part, if it is one.
    public var leaves: [ParsedPart] { isDivided ? children.flatMap(\.leaves) : [self] }

    /// This part and all below it, in the order of the message.
    public var all: [ParsedPart] { [self] + children.flatMap(\.all) }

    /// The part of a number; `nil` if there is none.
    public func part(_ path: String) -> ParsedPart? {
        if self.path == path { return self }
        for child in children {
            if let found = child.part(path) { return found }
        }
        return nil
    }
}
