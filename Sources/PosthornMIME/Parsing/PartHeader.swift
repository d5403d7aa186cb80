/// The header of a message or of one of its parts, as the parser found it.
public struct PartHeader: Sendable {
    /// Where it begins, in octets from the beginning of the message.
    public var offset: UInt64
    /// Its size in octets, the empty line at its end included.
    public var size: Int
    /// Where the fields are, counted from ``offset``.
    public var fields: [Place]
    /// Content-Type, its value in lower case, or what counts without it: `text/plain`, in a `multipart/digest` `message/rfc822`.
    public var contentType: ParameterizedValue
    /// Content-Transfer-Encoding.
    public var transferEncoding: TransferEncoding

    /// Whether there is a Content-Type that names no type.
    public var isTypeMalformed: Bool

    /// Where a field is.
    public struct Place: Hashable, Sendable {
        /// Where its name begins.
        public var start: Int
        /// Where its name ends.
        public var nameEnd: Int
        /// Where its value begins, behind the colon.
        public var valueStart: Int
        /// Where its last line ends, the line end included.
        public var end: Int
    }
}

extension PartHeader {
    /// Reads what decides about the body.
    ///
    /// - Parameter isDigestPart: whether it is a part of a `multipart/digest`, which changes what counts without a type.
    init(_ fields: [Place], in octets: UnsafeRawBufferPointer, at offset: UInt64, isDigestPart: Bool) {
        func value(_ name: StaticString) -> UnsafeRawBufferPointer.SubSequence? {
            let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            let place = fields.first { place in
                guard place.nameEnd - place.start == name.count else { return false }
                return zip(octets[place.start..<place.nameEnd], name).allSatisfy { $0 | 0x20 == $1 | 0x20 }
            }
            return place.map { octets[$0.valueStart..<$0.end] }
        }
        self.offset = offset
        size = octets.count
        self.fields = fields
        let field = value("Content-Type")
        let type = field.flatMap { ParameterizedValue.contentType($0) }
        isTypeMalformed = field != nil && type == nil
        contentType = type ?? (isDigestPart ? .message : .plainText)
        transferEncoding = value("Content-Transfer-Encoding").map { TransferEncoding($0) } ?? .sevenBit
    }
}
