/// A reply of the POP3 test server, in place of the usual one.
///
/// Lines are separated by line feeds. Nothing is checked, so that tests can make the server say what no server should.
public struct POP3ServerReply: Hashable, Sendable, ExpressibleByStringLiteral, ScriptedReply {
    /// The octets that are sent, line ends included.
    public let octets: [UInt8]

    /// A reply of one line or, separated by line feeds, several; for a reply with content, write the dot at its end, too.
    public init(_ text: String) {
        octets = Array(text.replacing("\n", with: "\r\n").utf8) + [13, 10]
    }

    /// The reply of a literal's text.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// These octets, and nothing else.
    public init(octets: [UInt8]) {
        self.octets = octets
    }

    /// Whether it is `+OK`, or `+` for more.
    public var isPositive: Bool { octets.first == UInt8(ascii: "+") }
}
