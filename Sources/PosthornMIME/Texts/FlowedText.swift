/// Text of the kind `text/plain; format=flowed` (RFC 3676): paragraphs that every reader breaks into lines by itself,
/// and quotes with their depth.
///
/// ```swift
/// let text = FlowedText.decode(body, delSp: false)
/// print(text.plainText)                      // one line for each paragraph, quotes with ">"
/// let body = FlowedText.encode("A long …")   // lines of at most 72 characters
/// ```
///
/// Reading never fails. What was written by ``encoded(width:delSp:)`` is read as the same paragraphs, if these are in
/// normal form: no line breaks, no spaces at the end but in ``signatureSeparator``, and a depth of at most
/// ``deepestQuote``.
public struct FlowedText: Hashable, Sendable {
    /// The line before a signature, with its space at the end (RFC 3676 section 4.3). It is never flowed.
    public static let signatureSeparator = "-- "
    /// The deepest quote; further `>` are text.
    public static let deepestQuote = 100

    /// A paragraph: a line of text, however long.
    public struct Paragraph: Hashable, Sendable {
        /// How many times it is quoted; 0 for text that is new.
        public var quoteDepth: Int
        /// The text, without the `>` and without line breaks.
        public var text: String

        /// Creates a paragraph.
        public init(_ text: String, quoteDepth: Int = 0) {
            self.text = text
            self.quoteDepth = quoteDepth
        }

        /// Whether this is the line before a signature.
        public var isSignatureSeparator: Bool { text.utf8.elementsEqual(FlowedText.signatureSeparator.utf8) }
    }

    /// The paragraphs, in their order.
    public var paragraphs: [Paragraph]

    /// Creates a text of paragraphs.
    public init(_ paragraphs: [Paragraph] = []) {
        self.paragraphs = paragraphs
    }

    /// Takes each line of a plain text as a paragraph and the `>` at its beginning as quotes, `> >` too. Lines may end
    /// in CRLF, LF or CR.
    public init(plainText text: String) {
        paragraphs = FlowedLine.lines(of: text).map { FlowedLine(plain: $0) }
            .map { Paragraph(String(Substring($0.content)), quoteDepth: $0.quoteDepth) }
    }

    /// One line for each paragraph, each ended by LF; quotes begin with one `>` for each level and a space.
    public var plainText: String {
        var text = ""
        for paragraph in paragraphs {
            let depth = max(0, min(paragraph.quoteDepth, Self.deepestQuote))
            if depth > 0 {
                text.append(String(repeating: ">", count: depth))
                if !paragraph.text.isEmpty { text.append(" ") }
            }
            text.append(paragraph.text)
            text.append("\n")
        }
        return text
    }

    /// Reads flowed text. Lines may end in CRLF, LF or CR.
    ///
    /// - Parameters:
    ///   - text: the part's text, decoded.
    ///   - delSp: whether the part has the parameter `DelSp=yes`: the space before a soft line break is none of the
    ///     text.
    public static func decode(_ text: String, delSp: Bool = false) -> FlowedText {
        var flowed = FlowedText()
        // The octets of a paragraph that goes on with the next line.
        var open: (octets: [UInt8], depth: Int)?
        func end() {
            guard var paragraph = open else { return }
            open = nil
            // It was cut by another depth, a signature or the end: no line follows the spaces.
            while paragraph.octets.last == 0x20 { paragraph.octets.removeLast() }
            let text = String(decoding: paragraph.octets, as: UTF8.self)
            flowed.paragraphs.append(Paragraph(text, quoteDepth: paragraph.depth))
        }
        for octets in FlowedLine.lines(of: text) {
            let line = FlowedLine(flowed: octets)
            let isSeparator = line.content.elementsEqual(signatureSeparator.utf8)
            if isSeparator || open?.depth != line.quoteDepth { end() }
            let isFlowed = !isSeparator && line.content.last == 0x20
            guard isFlowed || open != nil else {
                flowed.paragraphs.append(Paragraph(String(Substring(line.content)), quoteDepth: line.quoteDepth))
                continue
            }
            if open == nil { open = ([], line.quoteDepth) }
            open?.octets.append(contentsOf: isFlowed && delSp ? line.content.dropLast() : line.content)
            if !isFlowed { end() }
        }
        end()
        return flowed
    }

    /// The text as flowed text. Each line of `text` is a paragraph, and the `>` at its beginning are quotes.
    ///
    /// - Parameters:
    ///   - text: plain text with line ends of any kind.
    ///   - width: the longest line; 72 to 78 is usual.
    ///   - delSp: whether the part will have the parameter `DelSp=yes`, see ``encoded(width:delSp:)``.
    /// - Returns: lines, each ended by LF.
    public static func encode(_ text: String, width: Int = 72, delSp: Bool = false) -> String {
        FlowedText(plainText: text).encoded(width: width, delSp: delSp)
    }

    /// The paragraphs as flowed text. Lines are broken between words only: a longer word has a line of its own.
    ///
    /// - Parameters:
    ///   - width: the longest line in columns, with quotes and the space at the end; 72 to 78 is usual. Characters of
    ///     East Asian scripts count as two. Taken as 30 if less, and as 900 if more.
    ///   - delSp: whether the part will have the parameter `DelSp=yes`. Then lines can be broken between characters of
    ///     East Asian scripts too, which have no spaces.
    /// - Returns: lines, each ended by LF.
    public func encoded(width: Int = 72, delSp: Bool = false) -> String {
        let writer = FlowedWriter(width: max(30, min(width, 900)), delSp: delSp)
        var output = ""
        for paragraph in paragraphs {
            let depth = max(0, min(paragraph.quoteDepth, Self.deepestQuote))
            if paragraph.isSignatureSeparator {
                output.append(writer.line(paragraph.text[...], depth: depth))
                continue
            }
            guard paragraph.text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
                writer.write(paragraph.text[...], depth: depth, to: &output)
                continue
            }
            // A line break within would end the paragraph anyway.
            for line in FlowedLine.lines(of: paragraph.text) {
                writer.write(Substring(line), depth: depth, to: &output)
            }
        }
        return output
    }
}
