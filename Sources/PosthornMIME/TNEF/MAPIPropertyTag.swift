/// What a property is: its identifier and the type of its value ([MS-OXCDATA] section 2.9).
public struct MAPIPropertyTag: Sendable, Hashable {
    /// The identifier, the upper 16 bits.
    public let id: MAPIPropertyID
    /// The type, the lower 16 bits.
    public let type: MAPIPropertyType

    /// A tag of an identifier and a type.
    public init(_ id: MAPIPropertyID, _ type: MAPIPropertyType) {
        self.id = id
        self.type = type
    }
}

/// The type of a property's value ([MS-OXCDATA] section 2.11.1).
public struct MAPIPropertyType: RawRepresentable, Sendable, Hashable {
    /// The number in the stream.
    public let rawValue: UInt16

    /// The value of that number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Whether the property has a list of values.
    public var isMultiple: Bool { rawValue & 0x1000 != 0 }

    /// The type of each value.
    public var single: MAPIPropertyType { MAPIPropertyType(rawValue: rawValue & ~0x1000) }

    /// PtypNull.
    public static let null = MAPIPropertyType(rawValue: 0x0001)
    /// PtypInteger16.
    public static let integer16 = MAPIPropertyType(rawValue: 0x0002)
    /// PtypInteger32.
    public static let integer32 = MAPIPropertyType(rawValue: 0x0003)
    /// PtypFloating32.
    public static let floating32 = MAPIPropertyType(rawValue: 0x0004)
    /// PtypFloating64.
    public static let floating64 = MAPIPropertyType(rawValue: 0x0005)
    /// Ten-thousandths in 64 bits.
    public static let currency = MAPIPropertyType(rawValue: 0x0006)
    /// Days since 30 December 1899.
    public static let floatingTime = MAPIPropertyType(rawValue: 0x0007)
    /// PtypErrorCode.
    public static let errorCode = MAPIPropertyType(rawValue: 0x000A)
    /// PtypBoolean.
    public static let boolean = MAPIPropertyType(rawValue: 0x000B)
    /// An interface's identifier and its data.
    public static let object = MAPIPropertyType(rawValue: 0x000D)
    /// PtypInteger64.
    public static let integer64 = MAPIPropertyType(rawValue: 0x0014)
    /// Text in the code page of the message.
    public static let string8 = MAPIPropertyType(rawValue: 0x001E)
    /// Text in UTF-16.
    public static let string = MAPIPropertyType(rawValue: 0x001F)
    /// Steps of 100 nanoseconds since 1601.
    public static let time = MAPIPropertyType(rawValue: 0x0040)
    /// PtypGuid.
    public static let guid = MAPIPropertyType(rawValue: 0x0048)
    /// PtypServerId.
    public static let serverID = MAPIPropertyType(rawValue: 0x00FB)
    /// PtypBinary.
    public static let binary = MAPIPropertyType(rawValue: 0x0102)

    /// How long a value is, with what fills it up to four octets; `nil` if it says so itself or nobody knows.
    var fixedWidth: Int? {
        switch single {
        case .null: 0
        case .integer16, .integer32, .floating32, .errorCode, .boolean: 4
        case .floating64, .currency, .floatingTime, .integer64, .time: 8
        case .guid: 16
        default: nil
        }
    }

    /// Whether a value begins with its length.
    ///
    /// Also the type without a type: some writers have used it for octets.
    var isCounted: Bool {
        switch single {
        case .string8, .string, .binary, .object, .serverID: true
        default: single.rawValue == 0
        }
    }
}

/// The identifier of a property. From 0x8000 on they have no meaning without the name that comes with them.
public struct MAPIPropertyID: RawRepresentable, Sendable, Hashable {
    /// The number in the stream.
    public let rawValue: UInt16

    /// The value of that number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    private init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    var isNamed: Bool { rawValue >= 0x8000 }

    // The names in the comments are those of [MS-OXPROPS].
    /// PidTagImportance.
    public static let importance = MAPIPropertyID(0x0017)
    /// PidTagMessageClass.
    public static let messageClass = MAPIPropertyID(0x001A)
    /// PidTagPriority.
    public static let priority = MAPIPropertyID(0x0026)
    /// PidTagSensitivity.
    public static let sensitivity = MAPIPropertyID(0x0036)
    /// PidTagSubject.
    public static let subject = MAPIPropertyID(0x0037)
    /// PidTagClientSubmitTime.
    public static let clientSubmitTime = MAPIPropertyID(0x0039)
    /// PidTagSubjectPrefix.
    public static let subjectPrefix = MAPIPropertyID(0x003D)
    /// PidTagSentRepresentingName.
    public static let sentRepresentingName = MAPIPropertyID(0x0042)
    /// PidTagSentRepresentingAddressType.
    public static let sentRepresentingAddressType = MAPIPropertyID(0x0064)
    /// PidTagSentRepresentingEmailAddress.
    public static let sentRepresentingAddress = MAPIPropertyID(0x0065)
    /// PidTagConversationTopic.
    public static let conversationTopic = MAPIPropertyID(0x0070)
    /// PidTagTransportMessageHeaders.
    public static let transportHeaders = MAPIPropertyID(0x007D)
    /// PidTagRecipientType.
    public static let recipientType = MAPIPropertyID(0x0C15)
    /// PidTagSenderName.
    public static let senderName = MAPIPropertyID(0x0C1A)
    /// PidTagSenderAddressType.
    public static let senderAddressType = MAPIPropertyID(0x0C1E)
    /// PidTagSenderEmailAddress.
    public static let senderAddress = MAPIPropertyID(0x0C1F)
    /// PidTagMessageDeliveryTime.
    public static let deliveryTime = MAPIPropertyID(0x0E06)
    /// PidTagNormalizedSubject.
    public static let normalizedSubject = MAPIPropertyID(0x0E1D)
    /// PidTagBody.
    public static let body = MAPIPropertyID(0x1000)
    /// PidTagRtfCompressed.
    public static let compressedRTF = MAPIPropertyID(0x1009)
    /// PidTagHtml and PidTagBodyHtml.
    public static let html = MAPIPropertyID(0x1013)
    /// PidTagInternetMessageId.
    public static let internetMessageID = MAPIPropertyID(0x1035)
    /// PidTagInternetReferences.
    public static let internetReferences = MAPIPropertyID(0x1039)
    /// PidTagInReplyToId.
    public static let inReplyToID = MAPIPropertyID(0x1042)
    /// PidTagDisplayName.
    public static let displayName = MAPIPropertyID(0x3001)
    /// PidTagAddressType.
    public static let addressType = MAPIPropertyID(0x3002)
    /// PidTagEmailAddress.
    public static let emailAddress = MAPIPropertyID(0x3003)
    /// PidTagCreationTime.
    public static let creationTime = MAPIPropertyID(0x3007)
    /// PidTagLastModificationTime.
    public static let lastModificationTime = MAPIPropertyID(0x3008)
    /// PidTagAttachDataBinary and PidTagAttachDataObject.
    public static let attachData = MAPIPropertyID(0x3701)
    /// PidTagAttachEncoding.
    public static let attachEncoding = MAPIPropertyID(0x3702)
    /// PidTagAttachExtension.
    public static let attachExtension = MAPIPropertyID(0x3703)
    /// PidTagAttachFilename.
    public static let attachFileName = MAPIPropertyID(0x3704)
    /// PidTagAttachMethod.
    public static let attachMethod = MAPIPropertyID(0x3705)
    /// PidTagAttachLongFilename.
    public static let attachLongFileName = MAPIPropertyID(0x3707)
    /// PidTagAttachTransportName.
    public static let attachTransportName = MAPIPropertyID(0x370C)
    /// PidTagAttachLongPathname.
    public static let attachLongPathName = MAPIPropertyID(0x370D)
    /// PidTagAttachMimeTag.
    public static let attachMIMETag = MAPIPropertyID(0x370E)
    /// PidTagAttachContentId.
    public static let attachContentID = MAPIPropertyID(0x3712)
    /// PidTagAttachContentLocation.
    public static let attachContentLocation = MAPIPropertyID(0x3713)
    /// PidTagAttachFlags.
    public static let attachFlags = MAPIPropertyID(0x3714)
    /// PidTagSmtpAddress.
    public static let smtpAddress = MAPIPropertyID(0x39FE)
    /// PidTagInternetCodepage.
    public static let internetCodePage = MAPIPropertyID(0x3FDE)
    /// PidTagMessageCodepage.
    public static let messageCodePage = MAPIPropertyID(0x3FFD)
    /// PidTagSenderSmtpAddress.
    public static let senderSMTPAddress = MAPIPropertyID(0x5D01)
    /// PidTagSentRepresentingSmtpAddress.
    public static let sentRepresentingSMTPAddress = MAPIPropertyID(0x5D02)
    /// PidTagAttachmentHidden.
    public static let attachmentHidden = MAPIPropertyID(0x7FFE)
}

/// The name of a property: a set and, in it, a number or a text ([MS-OXPROPS] section 1.3.2).
public struct MAPIPropertyName: Sendable, Hashable {
    /// The set of properties that the name belongs to.
    public let set: MAPIGUID
    /// The number (LID), if the name is one.
    public let number: UInt32?
    /// The text, if the name is one.
    public let text: String?

    /// A name that is a number.
    public init(set: MAPIGUID, number: UInt32) {
        self.set = set
        self.number = number
        text = nil
    }

    /// A name that is a text.
    public init(set: MAPIGUID, text: String) {
        self.set = set
        self.text = text
        number = nil
    }
}
