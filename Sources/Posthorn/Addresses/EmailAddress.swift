/// One mail address: local part and domain (RFC 5321 section 4.1.2, RFC 6531 section 3.3).
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The local part without quotes.
    public let localPart: String
    /// The domain as it was given, U-labels or A-labels, or an address literal in brackets.
    public let domain: String

    /// An address of its text, such as `orders@supplier.example`.
    ///
    /// - Throws: ``MailError`` with code `invalid-address`.
    public init(_ text: String) throws {
        guard let at = text.lastIndex(of: "@") else {
            throw MailError(.invalidAddress, "'\(PeerText.shown(text))' is not a mail address: the '@' is missing")
        }
        localPart = String(text[..<at])
        domain = String(text[text.index(after: at)...])
    }

    /// The address as it is written in a message.
    public var description: String { "\(localPart)@\(domain)" }
}
