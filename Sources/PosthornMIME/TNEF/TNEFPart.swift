/// What is in a TNEF stream, as an ordinary leaf of a message: a body or an attachment.
public struct TNEFPart: Sendable, Hashable {
    /// `type/subtype` in lower case, without parameters.
    public let contentType: String
    /// The parameter `charset`, for text whose encoding is known.
    public let charset: String?
    /// The name of the file: its last component, without control characters.
    public let fileName: String?
    /// `Content-ID`, without angle brackets and control characters.
    public let contentID: String?
    /// `Content-Location`, without control characters.
    public let contentLocation: String?
    /// Whether it belongs into the body, `Content-Disposition: inline`.
    public let isInline: Bool
    /// Whether it is one of the forms of the body, the plainest first.
    public let isBody: Bool
    /// The content, in no transfer encoding.
    public let octets: ArraySlice<UInt8>
}

extension TNEFMessage {
    /// The bodies, plain, HTML, RTF, and then the attachments, in the order of the stream.
    ///
    /// RTF that was made of one of the other bodies says nothing new and is left out. An embedded message is a part of
    /// the type `application/ms-tnef` again.
    public var parts: [TNEFPart] {
        var parts: [TNEFPart] = []
        if let plainBody {
            parts.append(TNEFPart(body: "text/plain", charset: "utf-8", Array(plainBody.utf8)))
        }
        if let htmlBody {
            let charset = TNEFCodePage.charset(htmlBody.codePage)
            parts.append(TNEFPart(body: "text/html", charset: charset, htmlBody.octets))
        }
        if let rtfBody, !isRTFDerived {
            parts.append(TNEFPart(body: "text/rtf", charset: nil, rtfBody))
        }
        return parts + attachments.map { TNEFPart($0) }
    }
}

extension TNEFPart {
    fileprivate init(body contentType: String, charset: String?, _ octets: [UInt8]) {
        self.init(
            contentType: contentType,
            charset: charset,
            fileName: nil,
            contentID: nil,
            contentLocation: nil,
            isInline: true,
            isBody: true,
            octets: octets[...]
        )
    }

    fileprivate init(_ attachment: TNEFAttachment) {
        let name = attachment.fileName.map(Self.clean).flatMap { $0.isEmpty ? nil : $0 }
        let type: String =
            if attachment.method == .message, TNEFDecoder.isTNEF(attachment.octets) {
                "application/ms-tnef"
            } else if let type = attachment.mediaType {
                type
            } else if attachment.method == .ole {
                MediaTypes.unknown
            } else {
                name.map { MediaTypes.guess($0) } ?? MediaTypes.unknown
            }
        self.init(
            contentType: type,
            charset: nil,
            fileName: name,
            contentID: attachment.contentID.map(Self.visible),
            contentLocation: attachment.contentLocation.map(Self.visible),
            isInline: attachment.isInline,
            isBody: false,
            octets: attachment.octets
        )
    }

    /// A name that leads to no other folder.
    private static func clean(_ name: String) -> String {
        let last = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last ?? []
        let text = visible(String(String.UnicodeScalarView(last)))
        return text == "." || text == ".." ? "" : text
    }

    /// Without control characters: what stands in a field must not begin another.
    private static func visible(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(scalars))
    }
}
