public import Posthorn

/// Something that goes with a message: a file, data, an image within the HTML, another message.
public struct Attachment: Sendable {
    enum Body: Sendable {
        case file(String)
        case bytes([UInt8])
        case message(MessageContent)
    }
    let body: Body
    let contentID: String?

    /// The name that the recipient sees.
    public var name: String
    /// The media type, such as `application/pdf`.
    public var contentType: String
    /// A short text about it, for programs that show one.
    public var contentDescription: String?

    private init(_ body: Body, name: String, contentType: String?, contentID: String? = nil) {
        self.body = body
        self.name = name
        self.contentType = contentType ?? MediaTypes.guess(name)
        self.contentID = contentID
    }

    /// A file. It is read while the message is being sent; one that cannot be read is an error before anything is sent.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - name: the name that the recipient sees; `nil`: the file's own.
    ///   - contentType: the media type; `nil`: by the name's extension.
    public static func file(_ path: String, name: String? = nil, contentType: String? = nil) -> Attachment {
        let name = name ?? lastComponent(path)
        return Attachment(.file(path), name: name, contentType: contentType)
    }

    /// Data in memory.
    public static func bytes(_ bytes: [UInt8], name: String, contentType: String? = nil) -> Attachment {
        Attachment(.bytes(bytes), name: name, contentType: contentType)
    }

    /// A file that the HTML shows: `<img src="cid:logo">` for the content ID `logo`.
    public static func inline(
        file path: String,
        contentID: String,
        name: String? = nil,
        contentType: String? = nil
    ) -> Attachment {
        let name = name ?? lastComponent(path)
        return Attachment(.file(path), name: name, contentType: contentType, contentID: contentID)
    }

    /// Data that the HTML shows: `<img src="cid:logo">` for the content ID `logo`.
    public static func inline(
        _ bytes: [UInt8],
        contentID: String,
        name: String,
        contentType: String? = nil
    ) -> Attachment {
        Attachment(.bytes(bytes), name: name, contentType: contentType, contentID: contentID)
    }

    /// Another message. Where the way cannot carry it as it is (such a part must not be encoded, RFC 2046 section
    /// 5.2.1), it goes as a file in base64.
    public static func message(_ message: MessageContent, name: String = "message.eml") -> Attachment {
        Attachment(.message(message), name: name, contentType: "message/rfc822")
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The part that the attachment becomes.
    func part(_ encoding: FileNameEncoding) throws -> Part {
        try MIMEText.refuseControls(name, in: "the file name of the attachment '\(PeerText.shown(name, limit: 100))'")
        guard MediaTypes.isValid(contentType) else {
            throw MailError(
                .invalidMessage,
                "the content type '\(PeerText.shown(contentType, limit: 100))' of the attachment "
                    + "'\(PeerText.shown(name, limit: 100))' is not of the form 'type/subtype'; multipart types cannot "
                    + "be attached"
            )
        }
        let source: Part.Body =
            switch body {
            case .file(let path) where isMessage:
                .message(.file(path), asFile: try fields(MediaTypes.unknown, encoding))
            case .bytes(let bytes) where isMessage:
                .message(.bytes(bytes), asFile: try fields(MediaTypes.unknown, encoding))
            case .file(let path): .file(path)
            case .bytes(let bytes): .bytes(bytes)
            case .message(let content): .message(content, asFile: try fields(MediaTypes.unknown, encoding))
            }
        return Part(mediaType: contentType, fields: try fields(contentType, encoding), body: source, name: name)
    }

    private func fields(_ type: String, _ encoding: FileNameEncoding) throws -> HeaderFields {
        var fields = HeaderFields()
        fields.append(.contentType, Parameter.value(type, Parameter.named("name", name, encoding)))
        let disposition = contentID == nil ? "attachment" : "inline"
        fields.append(.contentDisposition, Parameter.value(disposition, Parameter.named("filename", name, .rfc2231)))
        if let contentID { fields.append(.contentID, .messageIDs([contentID])) }
        if let contentDescription { fields.append(.contentDescription, .text(contentDescription)) }
        return fields
    }

    /// Messages must not be encoded: they are attached as what they are.
    private var isMessage: Bool { contentType.lowercased() == "message/rfc822" }
}
