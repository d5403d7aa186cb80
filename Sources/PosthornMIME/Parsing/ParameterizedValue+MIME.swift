extension ParameterizedValue {
    /// `text/plain`, which counts where no Content-Type says anything (RFC 2045 section 5.2).
    public static let plainText = ParameterizedValue("text/plain".utf8)
    /// `message/rfc822`, which counts in a `multipart/digest` (RFC 2046 section 5.1.5).
    public static let message = ParameterizedValue("message/rfc822".utf8)

    /// The value of a Content-Type field; `nil` if it names no type, so that the usual one counts (RFC 2045 section 5.2).
    static func contentType(_ octets: some Collection<UInt8>) -> ParameterizedValue? {
        var value = ParameterizedValue(octets)
        value.value = value.value.lowercased()
        return value.mediaType == nil ? nil : value
    }

    /// The first half of a media type: `text` of `text/plain`.
    public var type: String { String(value.prefix { $0 != "/" }) }
    /// The second half of a media type: `plain` of `text/plain`.
    public var subtype: String { String(value.drop { $0 != "/" }.dropFirst()) }

    /// Whether it is a multipart (RFC 2046 section 5.1).
    public var isMultipart: Bool { value.hasPrefix("multipart/") }

    /// Whether it holds a message (RFC 2046 section 5.2.1, RFC 6532 section 3.7).
    public var isMessage: Bool { value == "message/rfc822" || value == "message/global" }

    /// The boundary of a multipart without the white space that it must not end with; empty if there is none.
    var boundary: [UInt8] {
        var octets = self.octets(of: "boundary") ?? []
        while let last = octets.last, last == 0x20 || last == 0x09 { octets.removeLast() }
        // Nobody needs more than 70 (RFC 2046 section 5.1.1).
        return octets.count <= 1_000 ? octets : []
    }
}
