import PosthornNet

/// A ``WireText`` that can be compared; for tests, and so that a piece is a value.
struct IMAPCommandText: Hashable, Sendable, CustomStringConvertible {
    var wire: WireText

    init(_ wire: WireText) { self.wire = wire }

    static func == (one: IMAPCommandText, other: IMAPCommandText) -> Bool {
        one.wire.octets == other.wire.octets && one.wire.secretRanges == other.wire.secretRanges
    }

    func hash(into hasher: inout Hasher) { hasher.combine(wire.octets) }

    /// The redacted text.
    var description: String { wire.description }
}
