/// An address of an envelope (RFC 9051 section 7.5.2), as the server sends it.
public struct IMAPAddress: Hashable, Sendable {
    /// The display name; encoded words (RFC 2047) are not decoded.
    public var name: String?
    /// The source route of old messages; nearly always `nil`.
    public var route: String?
    /// The part before the `@`. In the beginning of a group its name, at its end `nil`.
    public var mailbox: String?
    /// The domain; `nil` for the beginning and the end of a group.
    public var host: String?

    /// Creates an address.
    public init(name: String? = nil, route: String? = nil, mailbox: String?, host: String?) {
        self.name = name
        self.route = route
        self.mailbox = mailbox
        self.host = host
    }

    /// Whether a group begins here; the addresses up to ``isGroupEnd`` belong to it.
    public var isGroupStart: Bool { host == nil && mailbox != nil }
    /// Whether a group ends here.
    public var isGroupEnd: Bool { host == nil && mailbox == nil }
}
