/// A mail address with an optional display name (RFC 5322 section 3.4).
public struct Mailbox: Hashable, Sendable {
    /// The display name as people read it, not quoted and not encoded.
    public var name: String?
    /// The address.
    public var address: EmailAddress

    /// Creates a mailbox. A line break or NUL in the name is found when the message is written.
    public init(name: String? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    /// A mailbox of its text, as people and header fields write it: `orders@supplier.example`,
    /// `Supplier <orders@supplier.example>`, `"Muster, Anna" <a@example.org>`. Comments, obsolete forms and encoded
    /// words (RFC 2047) are understood.
    ///
    /// - Throws: ``MailError`` with code `invalid-address`.
    public init(_ text: String) throws {
        let list = try AddressList.parse(text)
        guard list.entries.count == 1, case .mailbox(let mailbox) = list.entries[0] else {
            throw MailError(
                .invalidAddress,
                "'\(PeerText.shown(text, limit: 400))' is not exactly one mail address; write it as "
                    + "'Name <local@domain>', with the name in quotation marks if it holds a comma"
            )
        }
        self = mailbox
    }
}

extension Mailbox: CustomStringConvertible {
    /// For people: `Name <local@domain>`, the name in quotation marks where they are needed.
    public var description: String {
        guard let name, !name.isEmpty else { return address.description }
        return "\(Self.shownName(name)) <\(address)>"
    }

    static func shownName(_ name: String) -> String {
        let needsQuotes = !name.utf8.allSatisfy { AddressSyntax.isAtomOctet($0) || $0 == 0x20 || $0 == 0x2E }
        return PeerText.shown(needsQuotes ? AddressSyntax.quoted(name) : name)
    }
}
