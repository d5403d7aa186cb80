/// A section of a message (RFC 9051 section 6.4.5.1): what stands in the brackets of `BODY[…]` and `BINARY[…]`.
public struct IMAPSection: Hashable, Sendable, CustomStringConvertible {
    /// What of a part.
    public struct Specifier: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case everything, header, text, mime, fields, fieldsNot }
        let kind: Kind
        /// The names of the fields, if it is about fields.
        public let fields: [String]

        /// Everything: of a message, header and body; of a part, its encoded content.
        public static let everything = Specifier(kind: .everything, fields: [])
        /// The header of the message, or of a message within.
        public static let header = Specifier(kind: .header, fields: [])
        /// The body of the message, or of a message within.
        public static let text = Specifier(kind: .text, fields: [])
        /// The MIME header of a part.
        public static let mime = Specifier(kind: .mime, fields: [])
        /// Those fields of the header.
        public static func fields(_ names: [String]) -> Specifier { Specifier(kind: .fields, fields: names) }
        /// The header without those fields.
        public static func fieldsNot(_ names: [String]) -> Specifier { Specifier(kind: .fieldsNot, fields: names) }
    }

    /// The number of the part, such as `[1, 2]`; empty for the message.
    public var part: [Int]
    /// What of it.
    public var specifier: Specifier

    /// A section.
    public init(part: [Int] = [], _ specifier: Specifier = .everything) {
        self.part = part
        self.specifier = specifier
    }

    /// The whole message.
    public static let message = IMAPSection()
    /// The header of the message.
    public static let header = IMAPSection(.header)
    /// The body of the message.
    public static let text = IMAPSection(.text)

    /// As in a command, without the brackets, such as `1.2.MIME`. Names of fields stand as they are; commands check them.
    public var description: String {
        let word: String
        switch specifier.kind {
        case .everything: word = ""
        case .header: word = "HEADER"
        case .text: word = "TEXT"
        case .mime: word = "MIME"
        case .fields: word = "HEADER.FIELDS (\(specifier.fields.joined(separator: " ")))"
        case .fieldsNot: word = "HEADER.FIELDS.NOT (\(specifier.fields.joined(separator: " ")))"
        }
        let numbers = part.map { String($0) }.joined(separator: ".")
        return numbers.isEmpty ? word : word.isEmpty ? numbers : "\(numbers).\(word)"
    }
}
