/// Looks at many octets at once. Every load lies within the buffer.
enum OctetRuns {
    /// The position of the first octet from 0x80 on, or the end.
    static func asciiEnd(_ octets: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(octets)
        let high: UInt64 = 0x8080_8080_8080_8080
        var position = start
        while position + 32 <= raw.count {
            let first = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let second = raw.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            let third = raw.loadUnaligned(fromByteOffset: position + 16, as: UInt64.self)
            let fourth = raw.loadUnaligned(fromByteOffset: position + 24, as: UInt64.self)
            if (first | second | third | fourth) & high != 0 { break }
            position += 32
        }
        while position + 8 <= raw.count {
            let found = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian & high
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < raw.count, raw[position] < 0x80 { position += 1 }
        return position
    }

    /// The characters U+FFFD in UTF-8.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
}

/// UTF-8 as the Unicode Standard has it (section 3.9, table 3-7): no surrogates, no long forms.
enum UTF8Sequences {
    /// What is at a position: the length of a character; or, less than 0, how many octets one U+FFFD stands for (the
    /// maximal subpart of an ill-formed sequence); or 0 if the octets end within a character.
    @inline(__always)
    static func length(_ octets: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
        let lead = octets[position]
        if lead < 0x80 { return 1 }
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { low = 0xA0 }
            if lead == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { low = 0x90 }
            if lead == 0xF4 { high = 0x8F }
        default: return -1
        }
        guard position + 1 < octets.count else { return 0 }
        let second = octets[position + 1]
        guard second >= low, second <= high else { return -1 }
        var offset = 2
        while offset < length {
            guard position + offset < octets.count else { return 0 }
            guard octets[position + offset] & 0xC0 == 0x80 else { return -offset }
            offset += 1
        }
        return length
    }

    /// The position of the first octet that is not part of a whole character, or the end.
    static func validEnd(_ octets: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        while position < octets.count {
            if octets[position] < 0x80 {
                position = OctetRuns.asciiEnd(octets, from: position)
                continue
            }
            let length = length(octets, at: position)
            guard length > 0 else { return position }
            position += length
        }
        return position
    }

    static func isValid(_ octets: some Collection<UInt8>) -> Bool {
        let known = octets.withContiguousStorageIfAvailable { validEnd($0, from: 0) == $0.count }
        return known ?? Array(octets).withUnsafeBufferPointer { validEnd($0, from: 0) == $0.count }
    }

    /// Appends a character.
    @inline(__always)
    static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: output.append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            output.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        case 0x800..<0x1_0000:
            output.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        default:
            output.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        }
    }
}
