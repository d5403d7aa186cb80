#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Searching and comparing octets with the C library, which is as fast in debug builds as in release builds.
enum Octets {
    /// The first position of an octet within `range`, which must lie in `bytes`.
    static func first(_ octet: UInt8, in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        guard let base = bytes.baseAddress, range.lowerBound >= 0, range.upperBound <= bytes.count, !range.isEmpty,
            let found = memchr(base + range.lowerBound, CInt(octet), range.count)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Whether `bytes` hold an octet.
    static func contain(_ bytes: [UInt8], _ octet: UInt8) -> Bool {
        bytes.withUnsafeBytes { first(octet, in: $0, 0..<$0.count) != nil }
    }

    /// Whether `bytes` hold the text's UTF-8 octets somewhere.
    static func contain(_ bytes: some Collection<UInt8>, _ text: String) -> Bool {
        position(of: Array(text.utf8), in: Array(bytes)) != nil
    }

    /// The first position of a sequence of octets.
    static func position(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard !needle.isEmpty, needle.count <= bytes.count else { return nil }
        return bytes.withUnsafeBytes { haystack -> Int? in
            needle.withUnsafeBytes { needle -> Int? in
                guard let base = haystack.baseAddress, let wanted = needle.baseAddress else { return nil }
                var start = 0
                while start <= haystack.count - needle.count {
                    let range = start..<(haystack.count - needle.count + 1)
                    guard let found = first(needle[0], in: haystack, range) else { return nil }
                    if memcmp(base + found, wanted, needle.count) == 0 { return found }
                    start = found + 1
                }
                return nil
            }
        }
    }

    /// Whether `bytes` hold exactly the octets of `piece` from `offset` on.
    static func match(_ bytes: [UInt8], from offset: Int, _ piece: [UInt8]) -> Bool {
        guard offset >= 0, piece.count <= bytes.count, offset <= bytes.count - piece.count else { return false }
        return bytes.withUnsafeBytes { all in
            piece.withUnsafeBytes { piece in
                guard let left = all.baseAddress, let right = piece.baseAddress else { return true }
                return memcmp(left + offset, right, piece.count) == 0
            }
        }
    }
}
