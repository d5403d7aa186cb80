/// A sender or a recipient in TNEF.
public struct TNEFAddress: Sendable, Hashable {
    /// The name to show; may be empty.
    public let name: String
    /// The type of the address, such as `SMTP` or `EX`; empty if nobody said it.
    public let type: String
    /// The address in the form of its type.
    public let address: String
    /// The Internet address, if there is one.
    public let smtpAddress: String?

    init(name: String, type: String, address: String, smtpAddress: String? = nil) {
        self.name = name
        self.type = type
        self.address = address
        if let smtpAddress, !smtpAddress.isEmpty {
            self.smtpAddress = smtpAddress
        } else if type.uppercased() == "SMTP" || type.isEmpty && address.utf8.contains(UInt8(ascii: "@")) {
            self.smtpAddress = address
        } else {
            self.smtpAddress = nil
        }
    }

    /// `nil` if there is neither a name nor an address.
    init?(
        _ properties: MAPIProperties,
        name: MAPIPropertyID,
        type: MAPIPropertyID,
        address: MAPIPropertyID,
        smtp: MAPIPropertyID
    ) {
        let texts = [name, type, address].map { properties.text($0) ?? "" }
        let smtpAddress = properties.text(smtp)
        guard !texts[0].isEmpty || !texts[2].isEmpty || smtpAddress != nil else { return nil }
        self.init(name: texts[0], type: texts[1], address: texts[2], smtpAddress: smtpAddress)
    }

    /// An address as `SMTP:name@host.example`.
    init(name: String, typedAddress: String) {
        guard let colon = typedAddress.firstIndex(of: ":") else {
            self.init(name: name, type: "", address: typedAddress)
            return
        }
        let address = String(typedAddress[typedAddress.index(after: colon)...])
        self.init(name: name, type: String(typedAddress[..<colon]), address: address)
    }

    /// The triple of attFrom ([MS-OXTNEF] section 2.1.3.3.1): a type, three lengths, a name and an address.
    init?(triple octets: ArraySlice<UInt8>, codePage: Int, _ reading: inout TNEFReading) {
        var cursor = TNEFCursor(octets)
        guard cursor.uint16() != nil, cursor.uint16() != nil, let nameLength = cursor.uint16(),
            let addressLength = cursor.uint16()
        else {
            reading.report(.malformed, at: octets.startIndex)
            return nil
        }
        self.init(&cursor, Int(nameLength), Int(addressLength), codePage, &reading)
    }

    /// The pair of attOwner and attSentFor (section 2.1.3.3.8): twice a length and a text.
    init?(pair octets: ArraySlice<UInt8>, codePage: Int, _ reading: inout TNEFReading) {
        var cursor = TNEFCursor(octets)
        guard let nameLength = cursor.uint16(), let name = cursor.take(Int(nameLength)),
            let addressLength = cursor.uint16()
        else {
            reading.report(.malformed, at: octets.startIndex)
            return nil
        }
        if Int(addressLength) > cursor.remaining { reading.report(.malformed, at: octets.startIndex) }
        let address = cursor.takeUp(to: Int(addressLength))
        self.init(
            name: reading.decode(codePage, Self.beforeZero(name)),
            typedAddress: reading.decode(codePage, Self.beforeZero(address))
        )
    }

    private init(
        _ cursor: inout TNEFCursor,
        _ nameLength: Int,
        _ addressLength: Int,
        _ codePage: Int,
        _ reading: inout TNEFReading
    ) {
        if nameLength + addressLength > cursor.remaining { reading.report(.malformed, at: cursor.position) }
        let name = cursor.takeUp(to: nameLength)
        let address = cursor.takeUp(to: addressLength)
        self.init(
            name: reading.decode(codePage, Self.beforeZero(name)),
            typedAddress: reading.decode(codePage, Self.beforeZero(address))
        )
    }

    /// What is behind the zero that ends a text only fills it up.
    private static func beforeZero(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        octets.prefix { $0 != 0 }
    }
}

/// A recipient in TNEF.
public struct TNEFRecipient: Sendable, Hashable {
    /// How a message goes to a recipient ([MS-OXOMSG] section 2.2.3.1.2).
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The number in the property PidTagRecipientType.
        public let rawValue: Int

        /// A kind of that number.
        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// Who sent it.
        public static let originator = Kind(rawValue: 0)
        /// `To`.
        public static let to = Kind(rawValue: 1)
        /// `Cc`.
        public static let cc = Kind(rawValue: 2)
        /// `Bcc`.
        public static let bcc = Kind(rawValue: 3)
    }

    /// How the message goes to the recipient.
    public let kind: Kind
    /// The name and the address; may be empty.
    public let address: TNEFAddress
    /// All that is known of the recipient.
    public let properties: MAPIProperties

    init(_ properties: MAPIProperties) {
        // The upper bits say what has become of it.
        kind = Kind(rawValue: Int(clamping: (properties.integer(.recipientType) ?? 1) & 0x0F))
        address =
            TNEFAddress(
                properties,
                name: .displayName,
                type: .addressType,
                address: .emailAddress,
                smtp: .smtpAddress
            )
            ?? TNEFAddress(name: "", type: "", address: "")
        self.properties = properties
    }
}
