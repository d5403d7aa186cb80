/// Something in a message that is not as the standards want it. The message is read all the same.
public struct MessageDefect: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public var kind: Kind
    /// Where, in octets from the beginning of the message.
    public var offset: UInt64
    /// In which part (see ``ParsedPart/path``); empty for the message itself.
    public var path: String

    /// Creates a defect.
    public init(_ kind: Kind, at offset: UInt64, path: String = "") {
        self.kind = kind
        self.offset = offset
        self.path = path
    }

    /// What is wrong with a message.
    public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The name, such as `missing-boundary`.
        public let rawValue: String

        /// A kind of that name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        private init(_ name: String) { rawValue = name }

        /// The name.
        public var description: String { rawValue }

        /// The header ends without an empty line; what is no field begins the body (RFC 5322 section 2.1).
        public static let missingSeparator = Kind("missing-separator")
        /// The first line is the separator of an mbox (RFC 4155), or the rest of one.
        public static let mboxSeparator = Kind("mbox-separator")
        /// The first line of a header continues nothing.
        public static let strayContinuation = Kind("stray-continuation")
        /// A multipart says no boundary (RFC 2046 section 5.1.1); it is read as a whole.
        public static let missingBoundary = Kind("missing-boundary")
        /// The boundary of a multipart never comes: all of it is in the preamble.
        public static let absentBoundary = Kind("absent-boundary")
        /// The last boundary of a multipart does not come (RFC 2046 section 5.1.1).
        public static let missingCloseDelimiter = Kind("missing-close-delimiter")
        /// A multipart or embedded message is encoded in base64 or quoted-printable, which RFC 2045 section 6.4 forbids.
        public static let encodedMultipart = Kind("encoded-multipart")
        /// Content-Transfer-Encoding names none that is known; the body is given as it is (RFC 2045 section 6.4).
        public static let unknownEncoding = Kind("unknown-encoding")
        /// The header is larger, or has more fields, than the limits allow; the rest of it was passed over.
        public static let headerTooLarge = Kind("header-too-large")
        /// Parts nest deeper than the limits allow; this one was not taken apart.
        public static let nestedTooDeep = Kind("nested-too-deep")
        /// The message has more parts than the limits allow; this one holds all the rest.
        public static let tooManyParts = Kind("too-many-parts")
        /// Octets above 127 in a header that are not UTF-8 (RFC 6532 section 3.2).
        public static let eightBitHeader = Kind("eight-bit-header")
        /// A line ends with CR or LF alone (RFC 5322 section 2.3), the first of them.
        public static let bareLineEnd = Kind("bare-line-end")
        /// NUL in a header.
        public static let nulInHeader = Kind("nul-in-header")
        /// The encoded body has octets or an end that its encoding does not allow.
        public static let malformedEncoding = Kind("malformed-encoding")
        /// A Content-Type names no type; the usual one counts (RFC 2045 section 5.2).
        public static let malformedField = Kind("malformed-field")
    }

    /// `missing-boundary at octet 4711 (part 1.2)`
    public var description: String {
        "\(kind) at octet \(offset)" + (path.isEmpty ? "" : " (part \(path))")
    }
}
