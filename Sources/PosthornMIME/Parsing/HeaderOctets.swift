/// What the octets of a header are like.
struct HeaderOctets {
    let hasNUL: Bool
    /// Whether there are octets above 127 that are not UTF-8.
    let isMalformed: Bool

    init(_ octets: UnsafeRawBufferPointer) {
        var all: UInt8 = 0
        var hasNUL = false
        for octet in octets {
            all |= octet
            hasNUL = hasNUL || octet == 0
        }
        self.hasNUL = hasNUL
        isMalformed = all > 0x7F && String(validating: octets, as: UTF8.self) == nil
    }
}
