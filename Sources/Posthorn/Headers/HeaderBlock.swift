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

        /// Whether it is a field of that name. No `String` is made to find out.
        func isNamed(_ name: HeaderName) -> Bool {
            let folded = name.folded.utf8
            guard folded.count == nameCount else { return false }
            return zip(octets, folded).allSatisfy { octet, letter in
                octet == letter || ((0x41...0x5A).contains(octet) && octet | 0x20 == letter)
            }
        }

        private var value: ArraySlice<UInt8> { octets[(octets.startIndex + valueOffset)...] }

        /// The value without line ends.
        var unfoldedOctets: [UInt8] { HeaderBlock.unfolded(value) }

        /// The value on one line, encoded words still encoded.
        public var unfolded: String {
            String(decoding: unfoldedOctets, as: UTF8.self).trimmed()
        }

        /// The value on one line, decoded for people.
        public var text: String {
            // Trimmed before it is decoded: space that was encoded is meant.
            EncodedWordDecoder.decode(unfolded)
        }
    }

    /// The largest header that is read, in octets.
    public static let largestSize = 1 << 20
    /// The most fields that are read.
    public static let mostFields = 10_000

    /// The fields in their order.
    public let fields: [Field]

    /// How many octets of the message come before its body, the empty line included.
    public let bodyOffset: Int

    /// Whether an empty line stands between header and body.
    public let hasSeparator: Bool

    /// The text of the first field of a name, on one line and decoded for people.
    public subscript(_ name: HeaderName) -> String? {
        self[fields: name].first?.text
    }

    /// All fields of a name.
    public subscript(fields name: HeaderName) -> [Field] {
        fields.filter { $0.isNamed(name) }
    }

    /// Whether a field of that name is there.
    public func contains(_ name: HeaderName) -> Bool {
        fields.contains { $0.isNamed(name) }
    }

    /// The addresses in all fields of a name.
    ///
    /// - Throws: ``MailError`` with code `invalid-address` if one cannot be read; the text names the field.
    public func addresses(_ name: HeaderName) throws -> AddressList {
        var list = AddressList()
        for field in self[fields: name] {
            do {
                list.append(contentsOf: try AddressList.parse(field.unfolded))
            } catch let error as MailError {
                throw MailError(.invalidAddress, "the header field '\(name)': \(error.message)", cause: error)
            }
        }
        return list
    }

    /// The fields as values. Fields whose name is not valid are left out.
    public var headerFields: HeaderFields {
        HeaderFields(
            fields.compactMap { field in
                guard let name = try? HeaderName(field.name) else { return nil }
                return HeaderField(name, .raw(field.unfoldedOctets))
            }
        )
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

    /// The octets without line ends: the continuation of a field begins with its own white space.
    static func unfolded(_ octets: some Sequence<UInt8>) -> [UInt8] {
        octets.filter { $0 != 0x0D && $0 != 0x0A }
    }
}
