/// A character set that text of a message is in.
///
/// As the Encoding Standard of the web has it, ISO 8859-1 means windows-1252, GB 2312 means GBK, and so on: what is
/// declared as the one is the other often enough, and never the other way round. The system's iconv converts what is
/// not built in; a system without the tables of a character set reads it as ``unknown``.
public struct TextCharset: Hashable, Sendable {
    /// The name, such as `UTF-8`, `windows-1252` or `ISO-2022-JP`.
    public let name: String
    let method: CharsetTable.Method

    init(name: String, method: CharsetTable.Method) {
        self.name = name
        self.method = method
    }

    /// UTF-8.
    public static let utf8 = TextCharset(name: "UTF-8", method: .utf8)
    /// US-ASCII. Octets from 0x80 on, which it does not have, are read as UTF-8 if all are, else as windows-1252.
    public static let usASCII = TextCharset(name: "US-ASCII", method: .undeclared)
    /// Nobody knows (RFC 1428): read as ``usASCII`` is.
    public static let unspecified = TextCharset(name: "unknown-8bit", method: .undeclared)
    /// windows-1252, also what ISO 8859-1 is read as.
    public static let windows1252 = TextCharset(name: "windows-1252", method: .windows1252)
    /// A character set that is not known: ASCII is read, each run of other octets becomes one U+FFFD.
    public static let unknown = TextCharset(name: "unknown", method: .unknown)

    /// The character set of a label, tolerantly: without regard to case, quotation marks and what stands around it.
    /// `nil` if no such label is known.
    public init?(label: String) {
        self.init(label: label.utf8)
    }

    /// The character set of a label in octets.
    init?(label: some Sequence<UInt8>) {
        guard let found = CharsetTable.shared.find(label) else { return nil }
        self = found
    }

    /// The character set that a part declares: ``usASCII`` if it declares none (RFC 2045 section 5.2), ``unknown`` if
    /// nobody knows what it declares.
    public static func declared(_ label: String?) -> TextCharset {
        guard let label, label.utf8.contains(where: { $0 > 0x20 && $0 != 0x22 }) else { return .usASCII }
        return TextCharset(label: label) ?? .unknown
    }

    /// The text of octets. Never fails: see ``DecodedText/defects``.
    public func decode(_ octets: some Collection<UInt8>) -> DecodedText {
        let known = octets.withContiguousStorageIfAvailable { decodeBuffer($0) }
        return known ?? Array(octets).withUnsafeBufferPointer { decodeBuffer($0) }
    }

    private func decodeBuffer(_ octets: UnsafeBufferPointer<UInt8>) -> DecodedText {
        switch method {
        case .utf8:
            if let text = String(validating: octets, as: UTF8.self) { return DecodedText(text) }
        case .undeclared:
            if let text = String(validating: octets, as: UTF8.self) {
                return DecodedText(text, defects: text.utf8.count == Self.asciiCount(octets) ? [] : .undeclaredOctets)
            }
            var text = TextCharset.windows1252.decodeBuffer(octets)
            text.defects.insert(.undeclaredOctets)
            return text
        default: break
        }
        var output: [UInt8] = []
        output.reserveCapacity(octets.count + octets.count / 8)
        var decoder = CharsetDecoder(self)
        decoder.decode(octets, into: &output)
        decoder.finish(into: &output)
        return DecodedText(
            String(decoding: output, as: UTF8.self),
            replacements: decoder.replacements,
            defects: decoder.defects
        )
    }

    private static func asciiCount(_ octets: UnsafeBufferPointer<UInt8>) -> Int {
        OctetRuns.asciiEnd(octets, from: 0)
    }
}
