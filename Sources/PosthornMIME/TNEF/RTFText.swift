/// The text of an RTF document, or the HTML that is hidden in one ([MS-OXRTFEX]).
public struct RTFText: Sendable, Hashable {
    /// What an RTF document was made of.
    public struct Origin: RawRepresentable, Sendable, Hashable {
        /// A word.
        public let rawValue: String

        /// An origin of that word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// RTF from the beginning.
        public static let rtf = Origin(rawValue: "rtf")
        /// A page of HTML, which can be had back (`\fromhtml1`).
        public static let html = Origin(rawValue: "html")
        /// Plain text, which can be had back (`\fromtext`).
        public static let text = Origin(rawValue: "text")
    }

    /// What the document was made of.
    public let origin: Origin
    /// The HTML that the document was made of; `nil` if it was not made of HTML.
    public let html: String?
    /// The text of the document, lines ended by CRLF: that which it was made of, or else without what makes it rich.
    /// `nil` if it was made of HTML.
    public let plain: String?

    /// Reads RTF, whatever it is: groups that do not end, words that nobody knows, octets that are no RTF.
    public init(_ rtf: [UInt8]) {
        self.init(rtf[...], decode: TNEFCodePage.builtIn)
    }

    init(_ rtf: ArraySlice<UInt8>, decode: @escaping TNEFCodePage.Decoding) {
        var reader = RTFReader(decode: decode)
        let text = rtf.withUnsafeBufferPointer { reader.read($0) }
        origin = reader.origin
        html = origin == .html ? text : nil
        plain = origin == .html ? nil : text
    }
}
