/// The header of a ready message, as it is written there: to look at it, or to change it.
///
/// Line ends may be CRLF, LF or CR; each counts, because each becomes CRLF on the wire. A first line `From …` of the
/// mbox format is passed over. The header ends at the empty line, or before the first line that is not a header field.
public struct HeaderBlock: Sendable {
    /// One field.
    public struct Field: Sendable {
        /// The whole field as it is written, name, folds and the last line end included.
        public let octets: ArraySlice<UInt8>
        /// How many octets the name has.
        let nameCount: Int
        /// How many octets come before the value: the name and the colon.
        let valueOffset: Int

        /// The name as it is written.
        public var name: String { String(decoding: octets.prefix(nameCount), as: UTF8.self) }

        private var value: ArraySlice<UInt8> { octets[(octets.startIndex + valueOffset)...] }

        /// The value without line ends.
        var unfoldedOctets: [UInt8] { HeaderBlock.unfolded(value) }

        /// The value on one line, encoded words still encoded.
        public var unfolded: String { HeaderBlock.unfoldedText(value) }

        /// The value on one line, decoded for people.
        public var text: String {
            // Trimmed before it is decoded: space that was encoded is meant.
            EncodedWordDecoder.decode(unfolded)
        }
    }

    /// Where a field is in the octets.
    struct Place: Sendable {
        var start: Int
        var nameEnd: Int
        var valueStart: Int
        var end: Int
    }

    /// The largest header that is read, in octets.
    public static let largestSize = 1 << 20
    /// The most fields that are read.
    public static let mostFields = 10_000

    /// What the header was found in: it, and perhaps octets of the body. Fields are places in it, so that a header can
    /// be looked at without a copy of each field.
    let octets: [UInt8]

    /// The places of the fields, one directly behind the other.
    let places: [Place]

    /// The fields in their order.
    public var fields: [Field] { places.map { field($0) } }

    /// How many octets of the message come before its body, the empty line included.
    public let bodyOffset: Int

    /// Whether an empty line stands between header and body.
    public let hasSeparator: Bool

    /// The text of the first field of a name, on one line and decoded for people.
    public subscript(_ name: HeaderName) -> String? {
        first(name)?.text
    }

    /// All fields of a name.
    public subscript(fields name: HeaderName) -> [Field] {
        places.filter { isNamed($0, name) }.map { field($0) }
    }

    /// The first field of a name.
    func first(_ name: HeaderName) -> Field? {
        places.first { isNamed($0, name) }.map { field($0) }
    }

    /// Whether a field of that name is there.
    public func contains(_ name: HeaderName) -> Bool {
        places.contains { isNamed($0, name) }
    }

    private func field(_ place: Place) -> Field {
        Field(
            octets: octets[place.start..<place.end],
            nameCount: place.nameEnd - place.start,
            valueOffset: place.valueStart - place.start
        )
    }

    /// Whether a field has that name. No `String` is made to find out.
    @inline(__always)
    func isNamed(_ place: Place, _ name: HeaderName) -> Bool {
        // Most names are told apart by their length.
        place.nameEnd - place.start == name.folded.utf8.count && hasLetters(of: name, at: place.start)
    }

    private func hasLetters(of name: HeaderName, at start: Int) -> Bool {
        var position = start
        for letter in name.folded.utf8 {
            let octet = octets[position]
            guard octet == letter || ((0x41...0x5A).contains(octet) && octet | 0x20 == letter) else { return false }
            position += 1
        }
        return true
    }

    /// The addresses in all fields of a name.
    ///
    /// - Throws: ``MailError`` with code `invalid-address` if one cannot be read; the text names the field.
    public func addresses(_ name: HeaderName) throws -> AddressList {
        var list = AddressList()
        for place in places where isNamed(place, name) {
            do {
                let more = try AddressList.parse(unfolding: octets[place.valueStart..<place.end])
                if list.isEmpty { list = more } else { list.append(contentsOf: more) }
            } catch let error as MailError {
                throw MailError(.invalidAddress, "the header field '\(name)': \(error.message)", cause: error)
            }
        }
        return list
    }

    /// The fields as values. Fields whose name is not valid are left out.
    public var headerFields: HeaderFields { HeaderFields(fieldValues) }

    /// The same as an array.
    var fieldValues: [HeaderField] {
        fields.compactMap { field in
            guard let name = try? HeaderName(field.name) else { return nil }
            return HeaderField(name, .raw(field.unfoldedOctets))
        }
    }

    /// Whether the first field of a name is missing, or has no text.
    func isBlank(_ name: HeaderName) -> Bool {
        guard let place = places.first(where: { isNamed($0, name) }) else { return true }
        let value = HeaderBlock.trimmed(octets[place.valueStart..<place.end])
        // Only encoded words can be something that decodes to nothing.
        if !value.isEmpty, !value.contains(UInt8(ascii: "=")) { return false }
        return field(place).text.isEmpty
    }

    /// Reads the header of a message and no more of it than that takes.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if the header is larger than ``largestSize`` or has more than
    ///   ``mostFields`` fields, and what the content throws.
    public static func read(
        from content: MessageContent,
        for form: ContentForm = .unrestricted
    ) async throws -> HeaderBlock {
        var reader = try await content.makeReader(for: form)
        var octets: [UInt8] = []
        return try await read(&reader, into: &octets)
    }

    /// Reads from `reader` until the header is complete. `octets` holds all that was read then, body octets included.
    static func read(_ reader: inout any ContentReader, into octets: inout [UInt8]) async throws -> HeaderBlock {
        var scanner = HeaderBlockScanner()
        while true {
            let hasMore = try await reader.readSome(into: &octets)
            try scanner.scan(octets, isComplete: !hasMore)
            if let block = scanner.block { return block }
        }
    }

    /// Finds the header of a message that is all there.
    static func find(in octets: [UInt8]) throws -> HeaderBlock {
        var scanner = HeaderBlockScanner()
        try scanner.scan(octets, isComplete: true)
        // A complete message always has a header, be it an empty one.
        return scanner.block ?? HeaderBlock(octets: [], places: [], bodyOffset: 0, hasSeparator: false)
    }

    /// The octets without line ends: the continuation of a field begins with its own white space.
    static func unfolded(_ octets: some Sequence<UInt8>) -> [UInt8] {
        octets.filter { $0 != 0x0D && $0 != 0x0A }
    }

    /// The octets as text on one line, without white space at both ends.
    static func unfoldedText(_ octets: ArraySlice<UInt8>) -> String {
        let rest = trimmed(octets)
        // Nearly all values are on one line.
        if !rest.contains(where: { $0 == 0x0D || $0 == 0x0A }) { return String(decoding: rest, as: UTF8.self) }
        return String(decoding: unfolded(rest), as: UTF8.self)
    }

    /// The octets without white space and line ends at both ends.
    static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D || octet == 0x0A }
        var start = octets.startIndex
        var end = octets.endIndex
        while start < end, isSpace(octets[start]) { start += 1 }
        while end > start, isSpace(octets[end - 1]) { end -= 1 }
        return octets[start..<end]
    }
}
