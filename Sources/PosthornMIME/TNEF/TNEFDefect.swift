/// Something in a TNEF stream that is not as it should be. None of them ends the reading of the rest without need.
public struct TNEFDefect: Sendable, Hashable {
    /// What is wrong.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// A few words in English.
        public let rawValue: String

        /// A kind of those words.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The octets do not begin with the signature of TNEF; nothing of them is read.
        public static let noSignature = Kind(rawValue: "no TNEF signature")
        /// The stream ends inside an attribute or a property; what there is of it is kept.
        public static let truncated = Kind(rawValue: "truncated")
        /// An attribute's checksum does not fit its octets, which are read all the same.
        public static let checksum = Kind(rawValue: "wrong checksum")
        /// Where an attribute should begin, there is none; the rest of the stream is not read.
        public static let notAnAttribute = Kind(rawValue: "not an attribute")
        /// A property has a type of unknown length; the rest of its list is not read.
        public static let unknownPropertyType = Kind(rawValue: "unknown property type")
        /// A count or a length is more than the octets can hold; what there is of it is read.
        public static let impossibleCount = Kind(rawValue: "impossible count")
        /// A date that no calendar has.
        public static let invalidDate = Kind(rawValue: "invalid date")
        /// A structure of a fixed form has another.
        public static let malformed = Kind(rawValue: "malformed")
        /// A body in compressed RTF has a wrong header, size or checksum; what comes out of it is kept.
        public static let compressedRTF = Kind(rawValue: "damaged compressed RTF")
        /// There are more attributes, properties, attachments or recipients than the limit; the rest is not read.
        public static let tooMany = Kind(rawValue: "too many")
        /// Messages are embedded in each other more deeply than the limit; the innermost is kept as octets.
        public static let tooDeep = Kind(rawValue: "too deep")
        /// There are octets after the end of the data.
        public static let trailingOctets = Kind(rawValue: "trailing octets")
    }

    /// What is wrong.
    public let kind: Kind
    /// Where it is: octets from the beginning of the whole stream, also for what is in an embedded message.
    public let offset: Int

    /// A defect at an offset in octets.
    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}
