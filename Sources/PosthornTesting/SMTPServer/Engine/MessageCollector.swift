/// Gathers the octets of one message, up to a limit, and looks at what they need.
struct MessageCollector {
    private(set) var bytes: [UInt8] = []
    private(set) var size: UInt64 = 0
    private(set) var hasEightBit = false
    private(set) var hasNUL = false
    private let kept: UInt64
    private let limit: UInt64

    init(limits: SMTPServerConfiguration.Limits) {
        kept = min(limits.keptPerMessage, limits.message)
        limit = limits.message
    }

    var isTooLarge: Bool { size > limit }

    mutating func append(_ piece: UnsafeRawBufferPointer) {
        let room = kept > size ? Int(clamping: kept - size) : 0
        bytes.append(contentsOf: piece.prefix(room))
        size &+= UInt64(piece.count)
        if !hasEightBit { hasEightBit = Self.hasEightBit(piece) }
        if !hasNUL { hasNUL = Octets.first(0, in: piece, 0..<piece.count) != nil }
    }

    /// Looks at eight octets at a time.
    private static func hasEightBit(_ piece: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position + 8 <= piece.count {
            if piece.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
                return true
            }
            position += 8
        }
        while position < piece.count {
            if piece[position] >= 0x80 { return true }
            position += 1
        }
        return false
    }
}
