/// What was wrong with something that was read all the same.
///
/// Reading never fails on bad mail; these say where the reading is a guess. New members may come.
public struct ReadingDefects: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// A set of its bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// A character set that is not known, or that the system cannot convert; what is not ASCII became U+FFFD.
    public static let unknownCharset = ReadingDefects(rawValue: 1 << 0)
    /// Octets from 0x80 on where only ASCII was declared; they were read as UTF-8 or windows-1252.
    public static let undeclaredOctets = ReadingDefects(rawValue: 1 << 1)
    /// Octets that are no characters in their character set; each became U+FFFD.
    public static let invalidOctets = ReadingDefects(rawValue: 1 << 2)
    /// Something that begins as an encoded word (RFC 2047) and is none; it was left as it is.
    public static let brokenEncodedWord = ReadingDefects(rawValue: 1 << 3)
    /// Control characters, line ends among them, that became spaces.
    public static let controlCharacters = ReadingDefects(rawValue: 1 << 4)
    /// A quoted string, comment or bracket that does not end.
    public static let unclosed = ReadingDefects(rawValue: 1 << 5)
    /// A comma or semicolon that is missing between two things.
    public static let missingSeparator = ReadingDefects(rawValue: 1 << 6)
    /// Something that is not a mail address where one is expected.
    public static let invalidAddress = ReadingDefects(rawValue: 1 << 7)
    /// Text that has no place in the grammar. It was kept if there was anything to keep it in.
    public static let extraText = ReadingDefects(rawValue: 1 << 8)
    /// Special characters that should be in a quoted string.
    public static let unquoted = ReadingDefects(rawValue: 1 << 9)
    /// The same parameter, or the same piece of one, more than once; the first counts.
    public static let doubled = ReadingDefects(rawValue: 1 << 10)
    /// A piece of a parameter in several pieces (RFC 2231) that is missing.
    public static let missingPiece = ReadingDefects(rawValue: 1 << 11)
    /// Encoded words in a parameter, where RFC 2047 section 5 has none.
    public static let misplacedEncodedWord = ReadingDefects(rawValue: 1 << 12)
    /// A date that lacks its time or its zone; midnight and UTC were taken.
    public static let incompleteDate = ReadingDefects(rawValue: 1 << 13)
    /// A date that does not exist, such as 30 February, or a weekday that is not the date's.
    public static let wrongDate = ReadingDefects(rawValue: 1 << 14)
    /// A message identifier without its angle brackets, or with white space in them.
    public static let malformedIdentifier = ReadingDefects(rawValue: 1 << 15)
    /// The field has no value at all.
    public static let missingValue = ReadingDefects(rawValue: 1 << 16)
}
