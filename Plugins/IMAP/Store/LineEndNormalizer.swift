/// Makes every line end CR LF, as a message in a store has it (RFC 5322 section 2.3): a lone CR or LF becomes one, too.
struct LineEndNormalizer {
    /// Whether the last octet was a CR whose LF may follow.
    private var endsWithCR = false

    /// The octets of a piece in their final form.
    mutating func normalized(_ piece: [UInt8]) -> [UInt8] {
        // Nearly every piece is in this form already.
        if !endsWithCR, Self.isNormal(piece) { return piece }
        var result: [UInt8] = []
        result.reserveCapacity(piece.count + 64)
        for octet in piece {
            switch (endsWithCR, octet) {
            case (true, 0x0A):
                result.append(0x0A)
                endsWithCR = false
            case (true, _):
                result.append(0x0A)
                fallthrough
            case (false, _):
                endsWithCR = octet == 0x0D
                if octet == 0x0A { result.append(0x0D) }
                result.append(octet)
            }
        }
        return result
    }

    /// What is left at the end.
    mutating func finish() -> [UInt8] {
        defer { endsWithCR = false }
        return endsWithCR ? [0x0A] : []
    }

    /// Whether every line ends with CR LF, and the piece does not end with CR.
    private static func isNormal(_ piece: [UInt8]) -> Bool {
        piece.withUnsafeBufferPointer { octets in
            var last: UInt8 = 0
            for octet in octets {
                if (octet == 0x0A) != (last == 0x0D), octet == 0x0A || last == 0x0D { return false }
                last = octet
            }
            return last != 0x0D
        }
    }
}
