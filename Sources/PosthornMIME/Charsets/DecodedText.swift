/// Text that was converted from octets.
public struct DecodedText: Hashable, Sendable {
    /// The text.
    public var text: String
    /// How many characters U+FFFD stand for octets that could not be read.
    public var replacements: Int
    /// What was wrong with the octets.
    public var defects: ReadingDefects

    /// Creates a text.
    public init(_ text: String = "", replacements: Int = 0, defects: ReadingDefects = []) {
        self.text = text
        self.replacements = replacements
        self.defects = defects
    }
}
