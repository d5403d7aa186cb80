import Posthorn

/// What a mailing list or newsletter tells about itself (RFC 2369, RFC 2919, RFC 8058).
public struct ListInformation: Hashable, Sendable {
    /// The list's name for people.
    public var name: String
    /// The list's identifier, such as `news.kuechen-muster.example`; `nil` for none.
    public var id: String?
    /// URLs (https or mailto) that end the subscription, the best first.
    public var unsubscribe: [String]
    /// Whether the first https URL ends the subscription by one POST request, without asking (RFC 8058). Large
    /// providers demand it of whoever sends much.
    public var allowsOneClick: Bool
    /// A URL of help, if there is one.
    public var help: String?
    /// A URL of earlier messages, if there is one.
    public var archive: String?

    /// Creates the information.
    public init(
        name: String = "",
        id: String? = nil,
        unsubscribe: [String] = [],
        allowsOneClick: Bool = false,
        help: String? = nil,
        archive: String? = nil
    ) {
        self.name = name
        self.id = id
        self.unsubscribe = unsubscribe
        self.allowsOneClick = allowsOneClick
        self.help = help
        self.archive = archive
    }

    func fields() throws -> [HeaderField] {
        var fields: [HeaderField] = []
        if let id { fields.append(HeaderField(.listID, .named(name, id))) }
        if !unsubscribe.isEmpty {
            let urls = try unsubscribe.map { try Self.checked($0, .listUnsubscribe) }
            fields.append(HeaderField(.listUnsubscribe, .tokens(urls.joined(separator: ", "))))
        }
        if allowsOneClick {
            guard unsubscribe.contains(where: { $0.lowercased().hasPrefix("https://") }) else {
                throw MailError(
                    .invalidMessage,
                    "the header field 'List-Unsubscribe' has no https URL, which one click (RFC 8058) needs; give one "
                        + "or set allowsOneClick to false"
                )
            }
            fields.append(HeaderField(.listUnsubscribePost, .tokens("List-Unsubscribe=One-Click")))
        }
        if let help { fields.append(HeaderField(.listHelp, .tokens(try Self.checked(help, .listHelp)))) }
        if let archive { fields.append(HeaderField(.listArchive, .tokens(try Self.checked(archive, .listArchive)))) }
        return fields
    }

    /// The URL in angle brackets.
    private static func checked(_ url: String, _ field: HeaderName) throws -> String {
        let isClean = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E && $0 != 0x2C }
        guard isClean, (1...900).contains(url.utf8.count), url.utf8.contains(UInt8(ascii: ":")) else {
            throw MailError(
                .invalidMessage,
                "the header field '\(field)' holds '\(PeerText.shown(url, limit: 100))', which is not a URL that can be "
                    + "written there; percent-encode spaces, line breaks, commas and characters beyond ASCII"
            )
        }
        return "<\(url)>"
    }
}
