/// The header of a ready message, as it is written there: to look at it, or to change it.
///
/// Line ends may be CRLF, LF or CR; each counts, because each becomes CRLF on the wire. A first line `From …` of the
/// mbox format is passed over. The header ends at the empty line, or before the first line that is not a header field.
public struct HeaderBlock: Sendable {
    /// One field.
    public struct Field: Sendable {
        /// The name as it is written.
        public let name: String
        /// The whole field as it is written, name, folds and the last line end included.
        public let octets: [UInt8]
        /// How many octets come before the value: the name and the colon.
        let valueOffset: Int
        /// The name in lower case.
        let folded: String

        /// The value on one line, encoded words still encoded.
        public var unfolded: String {
            String(decoding: HeaderBlock.unfolded(octets[valueOffset...]), as: UTF8.self).trimmed()
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
        fields.filter { $0.folded == name.folded }
    }

    /// Whether a field of that name is there.
    public func contains(_ name: HeaderName) -> Bool {
        fields.contains { $0.folded == name.folded }
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
                return HeaderField(name, .raw(HeaderBlock.unfolded(field.octets[field.valueOffset...])))
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
            let hasMore = try await reader.read(into: &octets)
            try scanner.scan(octets, isComplete: !hasMore)
            if let block = scanner.block { return block }
        }
    }

    /// The octets without line ends: the continuation of a field begins with its own white space.
    static func unfolded(_ octets: some Sequence<UInt8>) -> [UInt8] {
        octets.filter { $0 != 0x0D && $0 != 0x0A }
    }
}
