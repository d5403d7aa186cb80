/// The header of a message or of a part of one (RFC 5322 section 2.2), read in place.
///
/// PosthornTesting has a reader of its own, so that a mistake of the library's does not hide itself.
struct IMAPHeader: Sendable {
    struct Field: Sendable {
        /// In lower case.
        let name: String
        /// The whole field with its line end.
        var range: Range<Int>
        /// Where its value begins.
        let value: Int
    }

    /// How many fields are looked at.
    private static let limit = 10_000

    private(set) var fields: [Field] = []
    /// Where the header begins, and where it ends, the empty line included.
    let start: Int
    let end: Int

    /// Reads the header at the beginning of a range, which must lie in `octets`.
    init(_ octets: [UInt8], _ range: Range<Int>) {
        var fields: [Field] = []
        start = range.lowerBound
        end = octets.withUnsafeBytes { bytes in
            var position = range.lowerBound
            while position < range.upperBound {
                let feed = Octets.first(10, in: bytes, position..<range.upperBound)
                let next = feed.map { $0 + 1 } ?? range.upperBound
                let first = bytes[position]
                if first == 10 || first == 13 && next - position == 2 { return next }
                if first == 32 || first == 9 {
                    // A field that goes on.
                    if !fields.isEmpty {
                        fields[fields.count - 1].range = fields[fields.count - 1].range.lowerBound..<next
                    }
                } else if let colon = Octets.first(58, in: bytes, position..<next), fields.count < Self.limit {
                    let name = Self.name(bytes, position..<colon)
                    fields.append(Field(name: name, range: position..<next, value: colon + 1))
                }
                position = next
            }
            return range.upperBound
        }
        self.fields = fields
    }

    private static func name(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
        var count = range.count
        while count > 0, bytes[range.lowerBound + count - 1] == 32 || bytes[range.lowerBound + count - 1] == 9 {
            count -= 1
        }
        return String(unsafeUninitializedCapacity: count) { buffer in
            for index in 0..<count {
                let octet = bytes[range.lowerBound + index]
                buffer[index] = octet >= 65 && octet <= 90 ? octet | 32 : octet
            }
            return count
        }
    }

    /// The unfolded value of the first field of a name.
    func value(_ name: String, in octets: [UInt8]) -> [UInt8]? {
        fields.first { $0.name == name }.map { Self.value($0, in: octets) }
    }

    /// The unfolded values of all fields of a name.
    func values(_ name: String, in octets: [UInt8]) -> [[UInt8]] {
        fields.filter { $0.name == name }.map { Self.value($0, in: octets) }
    }

    private static func value(_ field: Field, in octets: [UInt8]) -> [UInt8] {
        octets.withUnsafeBytes { bytes in
            var start = field.value
            var end = field.range.upperBound
            while start < end, bytes[start] <= 32 { start += 1 }
            while end > start, bytes[end - 1] <= 32 { end -= 1 }
            let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            let value = [UInt8](slice)
            guard Octets.first(10, in: slice, 0..<slice.count) != nil else { return value }
            return value.filter { $0 != 13 && $0 != 10 }
        }
    }
}
