/// A reply of the test server: what a rule answers instead of the usual reply.
///
/// ```swift
/// rules.refuseRecipient("gone@example.org", with: "550 5.1.1 No such mailbox here")
/// ```
/// Lines are separated by line feeds. Nothing is checked, so that tests can make the server say what no server should.
public struct SMTPServerReply: Hashable, Sendable, ExpressibleByStringLiteral, ScriptedReply {
    /// The octets that are sent, line ends included.
    public let octets: [UInt8]
    /// The reply code, 0 if the text does not begin with one.
    public let code: Int

    /// A reply of one line or, separated by line feeds, several; each is a code, an enhanced status code if wanted, and
    /// text. In all lines but the last, a space after the code becomes a hyphen.
    public init(_ text: String) {
        let all = Array(text.utf8)
        code = Self.code(of: all)
        guard Octets.contain(all, UInt8(ascii: "\n")) else {
            octets = all + [13, 10]
            return
        }
        let lines = all.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        var octets: [UInt8] = []
        for (index, line) in lines.enumerated() {
            var line = line
            if code > 0, index < lines.count - 1, line.count > 3, line[3] == UInt8(ascii: " ") {
                line[3] = UInt8(ascii: "-")
            }
            octets += line + [13, 10]
        }
        self.octets = octets
    }

    /// The reply of a literal's text.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// These octets, and nothing else. The code is taken from their beginning.
    public init(octets: [UInt8]) {
        self.octets = octets
        code = Self.code(of: octets)
    }

    private static func code(of octets: [UInt8]) -> Int {
        let digits = octets.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (48...57).contains($0) }) else { return 0 }
        let code = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return code >= 100 ? code : 0
    }

    /// Whether it is a positive reply (2yz or 3yz).
    public var isPositive: Bool { (200..<400).contains(code) }
}
