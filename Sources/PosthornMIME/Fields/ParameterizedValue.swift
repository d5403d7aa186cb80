/// A value with parameters that was read: the value of Content-Type, Content-Disposition and the like (RFC 2045 section
/// 5.1, RFC 2183), with the parameters of RFC 2231 and what programs write instead.
public struct ParameterizedValue: Hashable, Sendable {
    /// One parameter, put together from its pieces.
    public struct Parameter: Hashable, Sendable {
        /// The name, in lower case, without the asterisks of RFC 2231.
        public var name: String
        /// The value as text on one line; controls in it became spaces.
        public var value: String
        /// The octets of the value, without quotation marks and percent signs, in the character set they came in.
        public var octets: [UInt8]
        /// The character set that RFC 2231 declared.
        public var charset: String?
        /// The language that RFC 2231 declared.
        public var language: String?

        /// Creates a parameter.
        public init(name: String, value: String, octets: [UInt8], charset: String? = nil, language: String? = nil) {
            self.name = name
            self.value = value
            self.octets = octets
            self.charset = charset
            self.language = language
        }
    }

    /// What stands before the parameters, such as `text/plain` or `attachment`, as it is written, without white space
    /// and comments. Empty if there is nothing.
    public internal(set) var value: String
    /// The parameters in the order in which their names come first. A name that comes more than once is there as often;
    /// only the forms of RFC 2231 replace a plain value of the same name.
    public internal(set) var parameters: [Parameter]
    /// What was wrong with the field.
    public internal(set) var defects: ReadingDefects

    /// Reads the value of a field. Never fails; takes time and memory in proportion to the value.
    ///
    /// - Parameter octets: the value as it stands in the header, with folds.
    public init(_ octets: some Collection<UInt8>) {
        var reader = ParameterReader(FieldText.unfolded(octets))
        let value = reader.readValue()
        reader.readParameters()
        var joiner = ParameterJoiner()
        parameters = joiner.join(reader.pieces)
        defects = reader.defects.union(joiner.defects)
        self.value = FieldText.plain(value, &defects)
        if value.isEmpty { defects.insert(.missingValue) }
    }

    /// The value of a parameter, by its name in any case; the first if there are several.
    public subscript(_ name: String) -> String? {
        parameter(name)?.value
    }

    /// The octets of a parameter, in no character set: what a boundary is compared with.
    public func octets(of name: String) -> [UInt8]? {
        parameter(name)?.octets
    }

    /// A parameter by its name in any case; the first if there are several.
    public func parameter(_ name: String) -> Parameter? {
        // As the names were read: nothing but ASCII has a case here.
        let octets = name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let lowercased = String(decoding: octets, as: UTF8.self)
        return parameters.first { $0.name == lowercased }
    }

    /// The two halves of a media type in lower case; `nil` if the value is none.
    public var mediaType: (type: String, subtype: String)? {
        let halves = value.lowercased().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else { return nil }
        return (String(halves[0]), String(halves[1]))
    }
}
