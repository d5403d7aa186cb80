/// How far a message is taken apart. Beyond a limit nothing is lost: what is left stays together as one body, and a defect
/// says so.
public struct ParsingLimits: Hashable, Sendable {
    /// How deep parts may nest, the message itself being 1.
    public var depth: Int
    /// How many parts a message may have, multiparts and embedded messages included.
    public var parts: Int
    /// The largest header of one part, in octets.
    public var headerSize: Int
    /// The size of the headers of all parts together, in octets: a tree keeps them in memory.
    public var allHeadersSize: Int
    /// How many fields the header of one part may have.
    public var headerFields: Int

    /// Limits; all have a safe default.
    public init(
        depth: Int = 64,
        parts: Int = 10_000,
        headerSize: Int = 1 << 20,
        allHeadersSize: Int = 1 << 24,
        headerFields: Int = 10_000
    ) {
        self.depth = max(1, depth)
        self.parts = max(1, parts)
        self.headerSize = max(1, headerSize)
        self.allHeadersSize = max(1, allHeadersSize)
        self.headerFields = max(1, headerFields)
    }

    /// Depth 64, 10,000 parts, headers of 1 MiB and 10,000 fields, 16 MiB of headers together.
    public static let standard = ParsingLimits()
}
