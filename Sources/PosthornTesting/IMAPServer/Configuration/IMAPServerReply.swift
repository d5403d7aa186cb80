/// A reply of the IMAP test server, in place of the usual one or beside it.
///
/// Lines are separated by line feeds, and `{tag}` stands for the tag of the command that is answered, as in
/// `"* 3 EXISTS\n{tag} OK done"`. Nothing is checked, so that tests can make the server say what no server should.
public struct IMAPServerReply: Hashable, Sendable, ExpressibleByStringLiteral, ScriptedReply {
    /// The octets that are sent, line ends included; the tag is still to be put in.
    public let octets: [UInt8]

    private static let placeholder = Array("{tag}".utf8)

    /// A reply of one line or, separated by line feeds, several.
    public init(_ text: String) {
        octets = Array(text.replacing("\n", with: "\r\n").utf8) + [13, 10]
    }

    /// The reply of a literal's text.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// These octets, and nothing else. `{tag}` is replaced here, too.
    public init(octets: [UInt8]) {
        self.octets = octets
    }

    /// `{tag} NO`, and this text.
    public static func no(_ text: String) -> IMAPServerReply { IMAPServerReply("{tag} NO \(text)") }
    /// `{tag} BAD`, and this text.
    public static func bad(_ text: String) -> IMAPServerReply { IMAPServerReply("{tag} BAD \(text)") }
    /// `{tag} OK`, and this text.
    public static func ok(_ text: String) -> IMAPServerReply { IMAPServerReply("{tag} OK \(text)") }

    /// Whether what it answers is done: one of its lines begins with `{tag} OK` or `+`, or its first one with `* OK` or
    /// `* PREAUTH`.
    public var isPositive: Bool {
        let lines = String(decoding: octets, as: UTF8.self).split(separator: "\r\n")
        let isGreeting = lines.first.map { $0.hasPrefix("* OK") || $0.hasPrefix("* PREAUTH") } ?? false
        return isGreeting || lines.contains { $0.hasPrefix("{tag} OK") || $0.hasPrefix("+") }
    }

    /// The same with a tag in its places.
    func tagged(_ tag: String) -> IMAPServerReply {
        guard Octets.position(of: Self.placeholder, in: octets) != nil else { return self }
        let tag = Array(tag.utf8)
        var made: [UInt8] = []
        var rest = octets
        while let position = Octets.position(of: Self.placeholder, in: rest) {
            made += rest.prefix(position) + tag
            rest.removeFirst(position + Self.placeholder.count)
        }
        return IMAPServerReply(octets: made + rest)
    }
}
