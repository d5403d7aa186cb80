/// A mail address with an optional display name (RFC 5322 section 3.4).
public struct Mailbox: Hashable, Sendable, CustomStringConvertible {
    /// The display name as people read it, not quoted and not encoded.
    public var name: String?
    /// The address.
    public var address: EmailAddress

    /// Creates a mailbox.
    public init(name: String? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    /// For people: `Name <local@domain>`.
    public var description: String { name.map { "\($0) <\(address)>" } ?? address.description }
}
