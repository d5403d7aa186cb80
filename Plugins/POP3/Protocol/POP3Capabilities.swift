import Posthorn

/// What a server announced in its reply to CAPA (RFC 2449).
public struct POP3Capabilities: Equatable, Sendable {
    /// Capability in upper case → its arguments, as the server wrote them.
    private var entries: [String: [String]] = [:]
    /// Whether the server knows CAPA at all. One that does not announces nothing and may be able to do much.
    public let isKnown: Bool

    /// What is known of a server that does not answer CAPA.
    init() { isKnown = false }

    /// The lines of a reply; at most 256, unreadable ones are passed over.
    init(lines: [[UInt8]]) {
        isKnown = true
        for line in lines.prefix(256) {
            let words = PeerText.shown(line, limit: 1_000).split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            entries[first.uppercased(), default: []] += words.dropFirst()
        }
    }

    /// Forgets capabilities, as if the server had not announced them. The words are upper case.
    mutating func ignore(_ words: [String]) {
        for word in words { entries[word] = nil }
    }

    /// Whether a capability was announced, such as `TOP`. The case of letters does not matter.
    public func offers(_ capability: String) -> Bool { entries[capability.uppercased()] != nil }

    /// The arguments of a capability.
    public func arguments(of capability: String) -> [String] { entries[capability.uppercased()] ?? [] }

    /// The SASL mechanisms (RFC 5034), upper case.
    public var mechanisms: [String] { arguments(of: "SASL").map { $0.uppercased() } }

    /// The name and version that the server gives itself (RFC 2449 section 6.9).
    public var implementation: String? {
        let words = arguments(of: "IMPLEMENTATION")
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// How many seconds must pass between two sign-ins (RFC 2449 section 6.5); `nil` if the server does not say.
    public var loginDelay: Duration? {
        arguments(of: "LOGIN-DELAY").first.flatMap { UInt32($0) }.map { .seconds(Int64($0)) }
    }

    /// How many days the server keeps messages (RFC 2449 section 6.7).
    public var expiry: Expiry? {
        guard let word = arguments(of: "EXPIRE").first else { return nil }
        if word.uppercased() == "NEVER" { return .never }
        return UInt32(word).map { .days(Int($0)) }
    }

    /// How long a server keeps messages.
    public struct Expiry: Hashable, Sendable, CustomStringConvertible {
        /// Days, `nil` for ever. 0: a message that was read is gone at the end of the session.
        public let days: Int?
        /// Messages stay until they are deleted.
        public static let never = Expiry(days: nil)
        /// Messages may go after that many days.
        public static func days(_ days: Int) -> Expiry { Expiry(days: days) }
        /// `NEVER` or the days.
        public var description: String { days.map(String.init) ?? "NEVER" }
    }

    /// The capabilities for people, sorted: `PIPELINING, SASL PLAIN, TOP, UIDL`.
    public var summary: String {
        entries.keys.sorted()
            .map { ([$0] + (entries[$0] ?? [])).joined(separator: " ") }
            .map { PeerText.shown($0, limit: 200) }
            .joined(separator: ", ")
    }
}
