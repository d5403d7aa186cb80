/// What a TNEF stream may hold at most, with all messages that are embedded in it.
public struct TNEFLimits: Sendable, Hashable {
    /// The number of attributes.
    public var attributes = 100_000
    /// The number of properties of messages, attachments and recipients, each value of a list counted.
    public var properties = 100_000
    /// The number of attachments.
    public var attachments = 10_000
    /// How deep messages may be embedded in each other: 1 is a message in the outermost one.
    public var depth = 16
    /// How many defects are listed.
    public var defects = 1_000

    /// The limits that no honest message reaches.
    public init() {}
}

/// What is used up of the limits, and what was found to be wrong.
struct TNEFReading {
    var attributes: Int
    var properties: Int
    var attachments: Int
    let depth: Int
    private let defectLimit: Int
    let decode: TNEFCodePage.Decoding
    private(set) var defects: [TNEFDefect] = []

    init(limits: TNEFLimits, decode: @escaping TNEFCodePage.Decoding) {
        attributes = limits.attributes
        properties = limits.properties
        attachments = limits.attachments
        // Each level is a level of calls: whatever is asked for, the stack is not endless.
        depth = min(limits.depth, 64)
        defectLimit = limits.defects
        self.decode = decode
    }

    mutating func report(_ kind: TNEFDefect.Kind, at offset: Int) {
        if defects.count < defectLimit { defects.append(TNEFDefect(kind, at: offset)) }
    }
}
