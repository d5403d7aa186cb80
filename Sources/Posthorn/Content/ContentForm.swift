/// The form in which a way can carry a message.
///
/// A message is asked for in the form that the server offers; content that can encode itself (a message of
/// `PosthornMIME`) fits itself to the form, content that cannot (a ready file) says what it needs instead.
public struct ContentForm: Hashable, Sendable {
    /// Which octets may appear in bodies.
    public struct Transfer: Hashable, Comparable, Sendable, CustomStringConvertible {
        private let rank: Int
        /// 7-bit lines of at most 998 octets (RFC 5322 section 2.1.1).
        public static let sevenBit = Transfer(rank: 7)
        /// Lines of at most 998 octets, any octet but NUL (RFC 6152, 8BITMIME).
        public static let eightBit = Transfer(rank: 8)
        /// Any octets (RFC 3030, BINARYMIME).
        public static let binary = Transfer(rank: 9)

        /// A form that can carry more is greater.
        public static func < (left: Transfer, right: Transfer) -> Bool { left.rank < right.rank }

        /// The keyword of RFC 6152 and RFC 3030: `7BIT`, `8BITMIME` or `BINARYMIME`.
        public var description: String {
            switch rank {
            case 7: "7BIT"
            case 8: "8BITMIME"
            default: "BINARYMIME"
            }
        }
    }

    /// Which octets may appear in bodies.
    public var transfer: Transfer

    /// Whether header fields may hold UTF-8 (RFC 6532, SMTPUTF8).
    ///
    /// Over a network, allow it only for a message that needs it (``ContentFacts/needsUTF8Headers`` without it, or an
    /// address of the envelope that is not ASCII): a message that uses it bounces at the first server on its way that
    /// does not know it, while encoded words pass everywhere.
    public var allowsUTF8Headers: Bool

    /// Creates a form.
    public init(transfer: Transfer, allowsUTF8Headers: Bool) {
        self.transfer = transfer
        self.allowsUTF8Headers = allowsUTF8Headers
    }

    /// What every mail server can carry.
    public static let sevenBit = ContentForm(transfer: .sevenBit, allowsUTF8Headers: false)
    /// Anything: for files.
    public static let unrestricted = ContentForm(transfer: .binary, allowsUTF8Headers: true)
}

/// What a content is like in a certain form.
public struct ContentFacts: Hashable, Sendable {
    /// The size in octets with CRLF line ends, if it is known without reading everything twice.
    public var size: UInt64?
    /// What the content needs: at most what was asked for, unless it cannot encode itself any further.
    public var transfer: ContentForm.Transfer
    /// Whether header fields hold UTF-8.
    public var needsUTF8Headers: Bool

    /// Creates facts.
    public init(size: UInt64?, transfer: ContentForm.Transfer, needsUTF8Headers: Bool) {
        self.size = size
        self.transfer = transfer
        self.needsUTF8Headers = needsUTF8Headers
    }
}
