/// How a message is built (RFC 9051 section 7.5.2): one part, with its children.
public struct IMAPBodyStructure: Hashable, Sendable {
    /// A parameter of a content type or a disposition, as the server sends it (RFC 2231 is not decoded).
    public struct Parameter: Hashable, Sendable {
        /// The name, in whatever case.
        public var name: String
        /// The value.
        public var value: String

        /// Creates a parameter.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The Content-Disposition field.
    public struct Disposition: Hashable, Sendable {
        /// `inline`, `attachment` or another word, in whatever case.
        public var kind: String
        /// Such as `filename`.
        public var parameters: [Parameter]

        /// Creates a disposition.
        public init(_ kind: String, parameters: [Parameter] = []) {
            self.kind = kind
            self.parameters = parameters
        }
    }

    /// The type, such as `TEXT`, in whatever case; `MULTIPART` for parts in parts.
    public var type: String
    /// The subtype, such as `PLAIN`, in whatever case.
    public var subtype: String
    /// The parameters of the content type.
    public var parameters: [Parameter] = []
    /// The Content-ID field, with its angle brackets.
    public var contentID: String?
    /// The Content-Description field.
    public var contentDescription: String?
    /// The transfer encoding, such as `BASE64`, in whatever case; empty for parts in parts.
    public var encoding = ""
    /// The size in octets as transferred; `nil` for parts in parts, and if the server does not know it.
    public var size: UInt64?
    /// The number of lines, of texts and messages.
    public var lines: UInt64?
    /// The envelope of a message within the message.
    public var envelope: IMAPEnvelope?
    /// The parts of a multipart; the body of a message within the message, alone.
    public var children: [IMAPBodyStructure] = []
    /// The Content-MD5 field.
    public var md5: String?
    /// The Content-Disposition field.
    public var disposition: Disposition?
    /// The Content-Language field.
    public var languages: [String] = []
    /// The Content-Location field.
    public var location: String?

    /// Creates a part of a type.
    public init(type: String, subtype: String) {
        self.type = type
        self.subtype = subtype
    }

    /// Whether it consists of parts.
    public var isMultipart: Bool { type.utf8.elementsEqual("MULTIPART".utf8, by: IMAPBodyStructure.sameLetter) }

    /// The value of a parameter of the content type; case does not matter.
    public func parameter(_ name: String) -> String? { Self.value(name, in: parameters) }

    /// The name of the file: of the disposition, else of the content type.
    public var fileName: String? {
        disposition.flatMap { Self.value("filename", in: $0.parameters) } ?? parameter("name")
    }

    /// A part with its number, as `BODY[1.2]` names it.
    public struct NumberedPart: Hashable, Sendable {
        /// The number; empty for a message that is a multipart, as that has none (RFC 9051 section 6.4.5.1).
        public var number: [Int]
        /// The part.
        public var part: IMAPBodyStructure
    }

    /// All parts with their numbers, this one first, in the order of the message.
    public var numberedParts: [NumberedPart] {
        var result: [NumberedPart] = []
        // A multipart directly within a message shares the message's number.
        var waiting = [NumberedPart(number: isMultipart ? [] : [1], part: self)]
        while let next = waiting.popLast() {
            result.append(next)
            if next.part.isMultipart {
                for (index, child) in next.part.children.enumerated().reversed() {
                    waiting.append(NumberedPart(number: next.number + [index + 1], part: child))
                }
            } else if let body = next.part.children.first {
                waiting.append(NumberedPart(number: body.isMultipart ? next.number : next.number + [1], part: body))
            }
        }
        return result
    }

    private static func value(_ name: String, in parameters: [Parameter]) -> String? {
        parameters.first { $0.name.utf8.elementsEqual(name.utf8, by: sameLetter) }?.value
    }

    private static func sameLetter(_ one: UInt8, _ other: UInt8) -> Bool {
        IMAPOctet.upper(one) == IMAPOctet.upper(other)
    }
}
