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
        var lineFeed = Self.next(UInt8(ascii: "\n"), in: bytes, from: start, base)
        var carriageReturn = Self.next(UInt8(ascii: "\r"), in: bytes, from: start, base)
        while start < bytes.count {
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
            if lineFeed < start { lineFeed = Self.next(UInt8(ascii: "\n"), in: bytes, from: start, base) }
            if carriageReturn < start { carriageReturn = Self.next(UInt8(ascii: "\r"), in: bytes, from: start, base) }
        }
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
