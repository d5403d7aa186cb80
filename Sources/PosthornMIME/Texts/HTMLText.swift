/// The text of an HTML mail, as plain text.
///
/// ```swift
/// let text = HTMLText.plainText(from: html)
/// let line = HTMLText.preview(of: html, limit: 120)
/// ```
///
/// Paragraphs are separated by empty lines; quotes begin with `> `, entries of lists with `- ` or their number; each
/// row of a table is a line. White space is treated as browsers do. Reading never fails and takes linear time; how
/// deep elements are nested does not matter.
public enum HTMLText {
    /// What is taken over from the HTML.
    public struct Options: Hashable, Sendable {
        /// Whether the addresses of links follow their text: `text <https://…>`. They are left out where the text says
        /// the same.
        public var showsLinks: Bool
        /// Whether the texts of images (`alt`) are shown.
        public var showsImages: Bool
        /// Whether text is shown that a style or the attribute `hidden` hides.
        public var showsHidden: Bool
        /// What is between the cells of a row.
        public var cellSeparator: String
        /// The largest text, in octets of UTF-8. What is longer is cut and ends with `…`.
        public var largestSize: Int

        /// Creates options.
        public init(
            showsLinks: Bool = false,
            showsImages: Bool = true,
            showsHidden: Bool = false,
            cellSeparator: String = "\t",
            largestSize: Int = 64 << 20
        ) {
            self.showsLinks = showsLinks
            self.showsImages = showsImages
            self.showsHidden = showsHidden
            self.cellSeparator = cellSeparator
            self.largestSize = largestSize
        }
    }

    /// The text of an HTML document or of a piece of one, with LF between lines and none at the end.
    public static func plainText(from html: String, options: Options = Options()) -> String {
        var html = html
        return html.withUTF8 { octets in
            var reader = HTMLTextReader(octets, options)
            return reader.read()
        }
    }

    /// The beginning of the text in one line, as lists of messages show it, with `…` where it is cut.
    ///
    /// Text that is hidden is part of it: senders write what is meant for the list of messages this way.
    ///
    /// - Parameter limit: the longest preview, in characters.
    public static func preview(of html: String, limit: Int = 140) -> String {
        // Much of a text can be white space and characters without width.
        let size = max(0, min(limit, 100_000)) * 16 + 1_024
        let text = plainText(
            from: html,
            options: Options(showsHidden: true, cellSeparator: " ", largestSize: size)
        )
        return preview(ofPlainText: text, limit: limit)
    }

    /// The beginning of a plain text in one line, with `…` where it is cut.
    ///
    /// - Parameter limit: the longest preview, in characters.
    public static func preview(ofPlainText text: String, limit: Int = 140) -> String {
        guard limit > 0 else { return "" }
        var preview = String.UnicodeScalarView()
        var gap = String.UnicodeScalarView()
        var hasSpace = false
        // One more than has room shows that there is more. A character of very many scalars ends it too.
        let largestCount = min(limit, 100_000) * 8 + 64
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || (scalar.value < 0x20 && scalar.value != 0x1B) {
                hasSpace = true
            } else if isPadding(scalar) {
                gap.append(scalar)
                // As much as stands between letters; the rest is padding, with or without spaces.
                if gap.count > 4 { hasSpace = true }
            } else {
                if hasSpace {
                    if !preview.isEmpty { preview.append(" ") }
                } else {
                    preview.append(contentsOf: gap)
                }
                gap = .init()
                hasSpace = false
                preview.append(scalar)
                guard preview.count < largestCount else { break }
            }
        }
        let line = String(preview)
        guard let cut = line.index(line.startIndex, offsetBy: limit, limitedBy: line.endIndex), cut < line.endIndex
        else {
            return line
        }
        var short = line[..<line.index(before: cut)]
        while short.last == " " { short.removeLast() }
        return short + "…"
    }

    /// Characters without width, with which senders keep the text of a message out of the preview.
    private static func isPadding(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B...0x200F, 0x2060...0x2064, 0x3164,
            0xFEFF, 0xFFA0:
            true
        default: false
        }
    }

    /// White space of HTML: space, tab, LF, FF, CR.
    static func isSpace(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x0A || octet == 0x0D || octet == 0x09 || octet == 0x0C
    }
}
