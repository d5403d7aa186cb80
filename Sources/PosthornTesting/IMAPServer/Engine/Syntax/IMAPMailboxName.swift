/// Names of mailboxes on the wire: in modified UTF-7 (RFC 3501 section 5.1.3), or in UTF-8.
enum IMAPMailboxName {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)

    static func encode(_ name: String) -> String {
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        var isShifted = false
        func leave(_ output: inout [UInt8]) {
            guard isShifted else { return }
            if count > 0 { output.append(alphabet[Int(bits << (6 - count) & 63)]) }
            output.append(UInt8(ascii: "-"))
            (bits, count, isShifted) = (0, 0, false)
        }
        for unit in name.utf16 {
            if (32...126).contains(unit) {
                leave(&output)
                output.append(UInt8(truncatingIfNeeded: unit))
                if unit == 38 { output.append(UInt8(ascii: "-")) }
                continue
            }
            if !isShifted { output.append(UInt8(ascii: "&")) }
            isShifted = true
            bits = (bits << 16 | UInt32(unit)) & 0x3F_FFFF
            count += 16
            while count >= 6 {
                count -= 6
                output.append(alphabet[Int(bits >> count & 63)])
            }
        }
        leave(&output)
        return String(decoding: output, as: UTF8.self)
    }

    /// The name, or `nil` for what is not modified UTF-7.
    static func decode(_ text: String) -> String? {
        var units: [UInt16] = []
        var octets = Array(text.utf8)[...]
        while let octet = octets.popFirst() {
            guard (32...126).contains(octet) else { return nil }
            guard octet == UInt8(ascii: "&") else {
                units.append(UInt16(octet))
                continue
            }
            guard let end = octets.firstIndex(of: UInt8(ascii: "-")) else { return nil }
            let shifted = octets[octets.startIndex..<end]
            octets = octets[(end + 1)...]
            if shifted.isEmpty {
                units.append(38)
                continue
            }
            var bits: UInt32 = 0
            var count: UInt32 = 0
            for character in shifted {
                guard let value = alphabet.firstIndex(of: character) else { return nil }
                bits = (bits << 6 | UInt32(value)) & 0x3F_FFFF
                count += 6
                if count >= 16 {
                    count -= 16
                    units.append(UInt16(truncatingIfNeeded: bits >> count))
                }
            }
            guard count < 6, bits & ((1 << count) - 1) == 0 else { return nil }
        }
        return String(validating: units, as: UTF16.self)
    }

    /// Whether a name matches a pattern of LIST: `*` stands for anything, `%` for anything within a level.
    static func matches(_ name: String, _ pattern: String, separator: Character?) -> Bool {
        // The set of places in the pattern that the name so far may have led to.
        let pattern = Array(pattern.prefix(1_000))
        var places: Set<Int> = [0]
        func withSkips(_ places: Set<Int>) -> Set<Int> {
            var all = places
            for place in places {
                var place = place
                while place < pattern.count, pattern[place] == "*" || pattern[place] == "%" {
                    place += 1
                    all.insert(place)
                }
            }
            return all
        }
        places = withSkips(places)
        for character in name {
            var next: Set<Int> = []
            for place in places where place < pattern.count {
                switch pattern[place] {
                case "*": next.insert(place)
                case "%": if character != separator { next.insert(place) }
                default: if pattern[place] == character { next.insert(place + 1) }
                }
            }
            places = withSkips(next)
            if places.isEmpty { return false }
        }
        return places.contains(pattern.count)
    }
}
