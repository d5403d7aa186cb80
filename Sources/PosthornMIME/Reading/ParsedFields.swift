/// The fields of a header as they are written, in their order. A name may occur more than once.
public struct ParsedFields: Sendable, RandomAccessCollection {
    /// The whole header, the empty line at its end included.
    public let octets: ArraySlice<UInt8>
    private let places: [PartHeader.Place]

    init(octets: ArraySlice<UInt8>, places: [PartHeader.Place]) {
        self.octets = octets
        self.places = places
    }

    /// The first position.
    public var startIndex: Int { places.startIndex }
    /// The position after the last.
    public var endIndex: Int { places.endIndex }

    /// The field at a position.
    public subscript(position: Int) -> ParsedField {
        let place = places[position]
        let start = octets.startIndex
        return ParsedField(
            octets: octets[start + place.start..<start + place.end],
            nameCount: place.nameEnd - place.start,
            valueOffset: place.valueStart - place.start
        )
    }

    /// The first field of a name, whatever its case.
    public func first(_ name: String) -> ParsedField? {
        places.indices.lazy.map { self[$0] }.first { $0.isNamed(name) }
    }

    /// All fields of a name, whatever its case.
    public func all(_ name: String) -> [ParsedField] {
        filter { $0.isNamed(name) }
    }

    /// The text of the first field of a name, as people read it.
    public subscript(name: String) -> String? { first(name)?.text }
}

/// A header field as it is written.
public struct ParsedField: Sendable, CustomStringConvertible {
    /// The whole field: name, colon, value, and the line ends.
    public let octets: ArraySlice<UInt8>
    let nameCount: Int
    let valueOffset: Int

    /// The name as it is written.
    public var name: String { String(decoding: octets.prefix(nameCount), as: UTF8.self) }

    /// What stands behind the colon, as it is written, the last line end left out.
    public var value: ArraySlice<UInt8> {
        var value = octets[(octets.startIndex + valueOffset)...]
        if value.last == 0x0A { value.removeLast() }
        if value.last == 0x0D { value.removeLast() }
        return value
    }

    /// The value as people read it: on one line, encoded words decoded (RFC 2047), raw octets read as UTF-8 (RFC
    /// 6532), what is not that as U+FFFD. It never holds a line break or another control character but a tab.
    public var text: String { EncodedText.decode(value).text }

    /// The name and the text, safe to be shown.
    public var description: String { "\(name): \(text)" }

    /// Whether the field has that name, whatever the case.
    public func isNamed(_ name: String) -> Bool {
        let other = name.utf8
        guard other.count == nameCount else { return false }
        return zip(octets, other).allSatisfy { Self.lowercased($0) == Self.lowercased($1) }
    }

    private static func lowercased(_ octet: UInt8) -> UInt8 {
        (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
    }
}
