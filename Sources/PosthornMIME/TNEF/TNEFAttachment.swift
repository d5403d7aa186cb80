/// An attachment in a TNEF stream.
public struct TNEFAttachment: Sendable, Hashable {
    /// What the octets of an attachment are ([MS-OXCMSG] section 2.2.2.9).
    public struct Method: RawRepresentable, Sendable, Hashable {
        /// The number in the property PidTagAttachMethod.
        public let rawValue: Int

        /// A method of that number.
        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// There are no octets.
        public static let none = Method(rawValue: 0)
        /// The octets of a file.
        public static let value = Method(rawValue: 1)
        /// A message, itself a TNEF stream.
        public static let message = Method(rawValue: 5)
        /// An OLE object.
        public static let ole = Method(rawValue: 6)
        /// A link to a file elsewhere.
        public static let link = Method(rawValue: 7)
    }

    /// What the octets are.
    public let method: Method
    /// The name of the file as its owner wrote it, without any cleaning.
    public let longFileName: String?
    /// The name of the file as systems of old could bear it, `QUICK~1.HTM`.
    public let shortFileName: String?
    /// The name to show, which an embedded message has instead of a file's name.
    public let displayName: String?
    /// The media type, if the sender named one; without parameters, in lower case.
    public let mediaType: String?
    /// `Content-ID`, without angle brackets.
    public let contentID: String?
    /// `Content-Location`.
    public let contentLocation: String?
    /// Whether it is shown in the body and not in the list of attachments.
    public let isInline: Bool
    /// The content: a piece of the stream, or nothing if the stream has none.
    public let octets: ArraySlice<UInt8>
    /// The picture that stands for the attachment, if there is one: mostly a Windows metafile.
    public let metaFile: ArraySlice<UInt8>?
    /// When the file was made.
    public let created: TNEFDate?
    /// When the file was changed last.
    public let modified: TNEFDate?
    /// The message in it, unless it is embedded too deeply.
    public let messages: [TNEFMessage]
    /// All that is known of the attachment.
    public let properties: MAPIProperties

    /// The embedded message, if there is one that can be read.
    public var message: TNEFMessage? { messages.first }

    /// The best name there is.
    public var fileName: String? {
        [longFileName, shortFileName, displayName].lazy.compactMap { $0 }.first { !$0.isEmpty }
    }
}

/// The attributes of an attachment while they come.
struct TNEFAttachmentBuilder {
    var title: String?
    var transportName: String?
    var data: ArraySlice<UInt8>?
    var metaFile: ArraySlice<UInt8>?
    var created: TNEFDate?
    var modified: TNEFDate?
    var isOLE = false
    var isMacBinary = false
    var properties: [MAPIProperty] = []

    func attachment(_ embedded: (ArraySlice<UInt8>) -> TNEFMessage?) -> TNEFAttachment {
        let properties = MAPIProperties(properties)
        let object = properties[.attachData]
        let interface = object?.interface
        let isMessage =
            interface == .messageInterface
            || interface == nil && properties.integer(.attachMethod) == Int64(TNEFAttachment.Method.message.rawValue)
        var method = TNEFAttachment.Method(
            rawValue: Int(clamping: properties.integer(.attachMethod) ?? (isOLE ? 6 : 1))
        )
        if interface == .messageInterface { method = .message }
        if interface == .storageInterface { method = .ole }
        let content = object?.content ?? data ?? []
        let flags = properties.integer(.attachFlags) ?? 0
        let isHidden = properties[.attachmentHidden]?.boolean == true
        let contentID = properties.text(.attachContentID).map(Self.withoutBrackets).flatMap { $0.isEmpty ? nil : $0 }
        let location = properties.text(.attachContentLocation).flatMap { $0.isEmpty ? nil : $0 }
        return TNEFAttachment(
            method: method,
            longFileName: properties.text(.attachLongFileName),
            shortFileName: properties.text(.attachFileName) ?? title ?? transportName,
            displayName: properties.text(.displayName),
            mediaType: mediaType(properties),
            contentID: contentID,
            contentLocation: location,
            // The second is ATT_MHTML_REF: the HTML refers to it ([MS-OXCMSG] section 2.2.2.18).
            isInline: (contentID != nil || location != nil) && (isHidden || flags & 4 != 0),
            octets: content,
            metaFile: metaFile,
            created: properties[.creationTime]?.date ?? created,
            modified: properties[.lastModificationTime]?.date ?? modified,
            messages: isMessage ? embedded(content).map { [$0] } ?? [] : [],
            properties: properties
        )
    }

    private func mediaType(_ properties: MAPIProperties) -> String? {
        if let type = properties.text(.attachMIMETag)?.lowercased(), MediaTypes.isValid(type) { return type }
        // The identifier of MacBinary ([MS-OXCMSG] section 2.2.2.20).
        let encoding = properties[.attachEncoding]?.octets
        let isEncoded = encoding.map { Array($0.prefix(9)) } == [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x14, 0x03, 0x0B, 0x01]
        return isMacBinary || isEncoded ? "application/macbinary" : nil
    }

    private static func withoutBrackets(_ text: String) -> String {
        guard text.hasPrefix("<"), text.hasSuffix(">"), text.utf8.count >= 2 else { return text }
        return String(text.dropFirst().dropLast())
    }
}
