/// Finds out what a ready message needs on the wire, in one pass over its octets.
struct ContentScanner {
    private var size: UInt64 = 0
    private var isInHeader = true
    private var lineLength = 0
    private var longestLine = 0
    private var previous: UInt8 = 0
    private var hasEightBit = false
    private var hasEightBitInHeader = false
    private var hasNUL = false

    mutating func scan(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { take(byte) }
    }

    private mutating func take(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"):
            // A lone LF leaves as CRLF.
            size &+= previous == UInt8(ascii: "\r") ? 1 : 2
            endLine()
        default:
            if previous == UInt8(ascii: "\r") {
                // A lone CR leaves as CRLF too.
                size &+= 1
                endLine()
            }
            size &+= 1
            if byte == UInt8(ascii: "\r") { break }
            lineLength &+= 1
            if byte >= 0x80 {
                hasEightBit = true
                if isInHeader { hasEightBitInHeader = true }
            } else if byte == 0 {
                hasNUL = true
            }
        }
        previous = byte
    }

    private mutating func endLine() {
        if lineLength == 0 { isInHeader = false }
        longestLine = max(longestLine, lineLength)
        lineLength = 0
    }

    /// The facts of all that was scanned.
    mutating func finish() -> ContentFacts {
        longestLine = max(longestLine, lineLength)
        let transfer: ContentForm.Transfer =
            if hasNUL || longestLine > 998 { .binary } else if hasEightBit { .eightBit } else { .sevenBit }
        return ContentFacts(size: size, transfer: transfer, needsUTF8Headers: hasEightBitInHeader)
    }
}
