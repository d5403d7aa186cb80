/// Finds out what a ready message needs on the wire, in one pass over its octets.
///
/// Every line end, CRLF, lone LF or lone CR, leaves as CRLF and is counted as such. A message that needs
/// ``ContentForm/Transfer/binary`` is counted in the same way.
package struct ContentScanner {
    private var size: UInt64 = 0
    private var isInHeader = true
    private var lineLength = 0
    private var longestLine = 0
    /// Whether the last octet was a CR: a LF that follows belongs to the same line end.
    private var endsWithCR = false
    private var hasEightBit = false
    private var hasEightBitInHeader = false
    private var hasNUL = false

    /// The facts of octets that are all there.
    static func facts(of octets: ArraySlice<UInt8>) -> ContentFacts {
        var scanner = ContentScanner()
        scanner.scan(octets)
        return scanner.finish()
    }

    /// Reads a source from its beginning to its end.
    package static func facts(of source: some ContentSource, for form: ContentForm) async throws -> ContentFacts {
        var scanner = ContentScanner()
        var reader = try await source.makeReader(for: form)
        var buffer: [UInt8] = []
        while try await reader.readSome(into: &buffer) {
            try Task.checkCancellation()
            scanner.scan(buffer[...])
            buffer.removeAll(keepingCapacity: true)
        }
        return scanner.finish()
    }

    mutating func scan(_ octets: ArraySlice<UInt8>) {
        octets.withUnsafeBufferPointer { scan($0) }
    }

    /// How many lines are looked at one by one after one that is not plain: others of its kind may follow.
    private static let patience = 16

    private mutating func scan(_ octets: UnsafeBufferPointer<UInt8>) {
        let count = octets.count
        var position = 0
        if endsWithCR, count > 0 {
            endsWithCR = false
            if octets[0] == 0x0A { position = 1 }
        }
        var patience = 0
        while position < count {
            if patience == 0, !isInHeader, lineLength == 0 {
                let plain = PlainLines(octets, from: position)
                size &+= UInt64(plain.end - position)
                if plain.hasEightBit { hasEightBit = true }
                if plain.end == position { patience = Self.patience }
                position = plain.end
            } else {
                patience = max(0, patience - 1)
            }
            let end = LineEndSearch.next(in: octets, from: position)
            take(octets, position, end)
            guard end < count else { return }
            endLine()
            position = end + 1
            if octets[end] == 0x0D {
                if position == count { endsWithCR = true } else if octets[position] == 0x0A { position += 1 }
            }
        }
    }

    private mutating func take(_ octets: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
        size &+= UInt64(end - start)
        lineLength &+= end - start
        let isKnown = hasEightBit && hasNUL && (hasEightBitInHeader || !isInHeader)
        if !isKnown { findOddOctets(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(octets)[start..<end])) }
    }

    private mutating func endLine() {
        if lineLength == 0 { isInHeader = false }
        size &+= 2
        longestLine = max(longestLine, lineLength)
        lineLength = 0
    }

    /// Looks for NUL and for octets above 127, eight octets at a time.
    private mutating func findOddOctets(_ raw: UnsafeRawBufferPointer) {
        let low: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var any: UInt64 = 0
        var zero: UInt64 = 0
        var index = 0
        while index &+ 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            any |= word
            zero |= (word &- low) & ~word
            index &+= 8
        }
        while index < raw.count {
            any |= UInt64(raw[index])
            if raw[index] == 0 { zero |= high }
            index &+= 1
        }
        if any & high != 0 {
            hasEightBit = true
            if isInHeader { hasEightBitInHeader = true }
        }
        if zero & high != 0 { hasNUL = true }
    }

    /// The facts of all that was scanned.
    mutating func finish() -> ContentFacts {
        longestLine = max(longestLine, lineLength)
        let transfer: ContentForm.Transfer =
            if hasNUL || longestLine > 998 { .binary } else if hasEightBit { .eightBit } else { .sevenBit }
        return ContentFacts(size: size, transfer: transfer, needsUTF8Headers: hasEightBitInHeader)
    }
}
