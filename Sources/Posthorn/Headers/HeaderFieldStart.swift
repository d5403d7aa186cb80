/// The beginning of a header field: its name and its colon.
package enum HeaderFieldStart {
    /// How many octets the name has that a line begins with, and where its colon is; `nil` if it begins with none. White
    /// space before the colon is an obsolete form (RFC 5322 section 4.5).
    package static func find(in line: UnsafeRawBufferPointer) -> (count: Int, colon: Int)? {
        let colon = UInt8(ascii: ":")
        var count = 0
        while count < line.count, (0x21...0x7E).contains(line[count]), line[count] != colon { count &+= 1 }
        var position = count
        while position < line.count, line[position] == 0x20 || line[position] == 0x09 { position &+= 1 }
        guard count > 0, position < line.count, line[position] == colon else { return nil }
        return (count, position)
    }
}
