#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes the octets that follow DATA or BDAT out of a message (RFC 5321 sections 2.3.8 and 4.5.2), piece by piece.
///
/// Every line ends with CRLF: a lone CR and a lone LF become CRLF, so that no server can see an end of the message
/// where another sees text ("SMTP smuggling"). A dot at the beginning of a line is doubled.
struct SMTPDataEncoder {
    /// Whether dots are doubled and a line with a dot ends the message: after DATA, not with BDAT, whose octets are counted.
    let stuffsDots: Bool
    private var isAtLineStart = true
    /// The last octet was a CR whose LF may be the first octet of the next piece.
    private var hasPendingCR = false

    init(stuffingDots stuffsDots: Bool = true) {
        self.stuffsDots = stuffsDots
    }

    /// Appends the encoded form of `bytes` to `output`.
    mutating func encode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        let needed = output.count + bytes.count + bytes.count / 64 + 4
        // Growing by factors: exact reservations for many small pieces would copy everything each time.
        if needed > output.capacity { output.reserveCapacity(max(needed, output.capacity * 2)) }
        var start = 0
        if hasPendingCR {
            hasPendingCR = false
            endLine(&output)
            if bytes[0] == UInt8(ascii: "\n") { start = 1 }
        }
        // The next LF and the next CR, each looked for again only when it has been passed: linear whatever the input.
        var lineFeed = -1
        var carriageReturn = -1
        var patience = 0
        while start < bytes.count {
            if patience == 0 {
                let end = cleanEnd(bytes, from: start)
                if start > 0, end - start < Self.leastStretch { patience = Self.patience }
                if end > start {
                    output.append(contentsOf: UnsafeRawBufferPointer(start: base + start, count: end - start))
                    isAtLineStart = bytes[end - 1] == UInt8(ascii: "\n")
                    start = end
                    guard start < bytes.count else { return }
                }
            } else {
                patience -= 1
            }
            if lineFeed < start { lineFeed = Self.next(UInt8(ascii: "\n"), in: bytes, from: start, base) }
            if carriageReturn < start { carriageReturn = Self.next(UInt8(ascii: "\r"), in: bytes, from: start, base) }
            if stuffsDots, isAtLineStart, bytes[start] == UInt8(ascii: ".") { output.append(UInt8(ascii: ".")) }
            let end = min(lineFeed, carriageReturn)
            if end > start {
                output.append(contentsOf: UnsafeRawBufferPointer(start: base + start, count: end - start))
                isAtLineStart = false
            }
            guard end < bytes.count else { return }
            start = end + 1
            if end == carriageReturn {
                guard start < bytes.count else {
                    hasPendingCR = true
                    return
                }
                if bytes[start] == UInt8(ascii: "\n") { start += 1 }
            }
            endLine(&output)
        }
    }

    /// Fewer clean octets than these, about two lines, are not worth looking for.
    private static let leastStretch = 128

    /// How many lines are then encoded one by one: others of the kind that must be changed may follow.
    private static let patience = 16

    /// Where the octets end that can be sent as they are: each line end is CRLF, and no line begins with a dot.
    ///
    /// Sixty-four octets are looked at at once. The octet before `start` must be there to be looked at, too, so that
    /// nothing is clean at the beginning of a piece.
    private func cleanEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard start > 0 else { return start }
        var position = start
        // Where dots may stay, the octet in question is one that is odd there anyway.
        let dot = stuffsDots ? UInt8(ascii: ".") : UInt8(ascii: "\n")
        func oddOctets(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> SIMD2<UInt64> {
            Self.oddOctets(bytes, position, dot: dot)
        }
        while position &+ 64 <= bytes.count {
            let odd =
                oddOctets(bytes, position) | oddOctets(bytes, position &+ 16) | oddOctets(bytes, position &+ 32)
                | oddOctets(bytes, position &+ 48)
            guard odd[0] | odd[1] == 0 else { break }
            position &+= 64
        }
        while position &+ 16 <= bytes.count {
            let odd = oddOctets(bytes, position)
            guard odd[0] | odd[1] == 0 else { break }
            position &+= 16
        }
        // Whether a CR at the end is followed by its LF has not been seen.
        if position > start, bytes[position &- 1] == UInt8(ascii: "\r") { position &-= 1 }
        return position
    }

    /// Which of sixteen octets cannot stay as they are behind the octet before each.
    @inline(__always)
    private static func oddOctets(
        _ bytes: UnsafeRawBufferPointer,
        _ position: Int,
        dot: UInt8
    ) -> SIMD2<UInt64> {
        let some = bytes.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
        let before = bytes.loadUnaligned(fromByteOffset: position &- 1, as: SIMD16<UInt8>.self)
        // Vectors on both sides: a comparison with a single octet is compiled into a loop.
        let lineFeed = SIMD16<UInt8>(repeating: UInt8(ascii: "\n"))
        let carriageReturn = SIMD16<UInt8>(repeating: UInt8(ascii: "\r"))
        let dot = SIMD16<UInt8>(repeating: dot)
        let odd =
            ((some .== lineFeed) .^ (before .== carriageReturn)) .| ((some .== dot) .& (before .== lineFeed))
        return unsafeBitCast(odd, to: SIMD2<UInt64>.self)
    }

    /// Appends what is owed at the end of the message: the last line's end and the line with the dot.
    mutating func finish(into output: inout [UInt8]) {
        if hasPendingCR || !isAtLineStart { endLine(&output) }
        if stuffsDots { output.append(contentsOf: [UInt8(ascii: "."), UInt8(ascii: "\r"), UInt8(ascii: "\n")]) }
        self = SMTPDataEncoder(stuffingDots: stuffsDots)
    }

    private mutating func endLine(_ output: inout [UInt8]) {
        output.append(UInt8(ascii: "\r"))
        output.append(UInt8(ascii: "\n"))
        isAtLineStart = true
    }

    /// The position of the next `octet` at or behind `start`; the count of all if there is none.
    private static func next(
        _ octet: UInt8,
        in bytes: UnsafeRawBufferPointer,
        from start: Int,
        _ base: UnsafeRawPointer
    ) -> Int {
        guard start < bytes.count, let found = memchr(base + start, CInt(octet), bytes.count - start) else {
            return bytes.count
        }
        return base.distance(to: UnsafeRawPointer(found))
    }
}
