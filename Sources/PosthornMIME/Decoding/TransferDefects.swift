/// What was wrong with an encoded body. It was decoded as well as can be.
public struct TransferDefects: OptionSet, Hashable, Sendable {
    /// One bit for each kind.
    public let rawValue: UInt16

    /// Defects of those bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Content-Transfer-Encoding names none that is known; the octets are given as they are.
    public static let unknownEncoding = TransferDefects(rawValue: 1 << 0)
    /// Octets that the encoding does not have; they were passed over.
    public static let illegalOctets = TransferDefects(rawValue: 1 << 1)
    /// The end of base64 is not padded; the octets that are complete were taken.
    public static let missingPadding = TransferDefects(rawValue: 1 << 2)
    /// More base64 behind its padding, as from files that were joined; it was decoded as well.
    public static let dataAfterPadding = TransferDefects(rawValue: 1 << 3)
    /// A single character of base64 at the end, which is less than an octet.
    public static let truncated = TransferDefects(rawValue: 1 << 4)
    /// `=` in quoted-printable before something that is no hexadecimal number; it was left as it is.
    public static let malformedEscape = TransferDefects(rawValue: 1 << 5)
    /// More white space in a row than is kept in mind: at the end of a line it was not taken away.
    public static let longWhiteSpace = TransferDefects(rawValue: 1 << 6)
    /// A line of uuencoded data whose length is not what it says.
    public static let wrongLineLength = TransferDefects(rawValue: 1 << 7)
    /// Uuencoded data without `begin` or without `end`.
    public static let missingFrame = TransferDefects(rawValue: 1 << 8)
}
