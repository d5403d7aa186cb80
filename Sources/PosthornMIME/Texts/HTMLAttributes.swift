/// The attributes of a tag that matter for its text.
struct HTMLAttributes {
    /// Where a link leads.
    private(set) var href: String?
    /// The text of an image.
    private(set) var alt: String?
    /// The first number of a list.
    private(set) var start: Int?
    /// The number of an entry in a list.
    private(set) var value: Int?
    /// Whether it is not to be seen: `hidden`, or a style `display:none`, `visibility:hidden`, `mso-hide:all`.
    var isHidden: Bool { isUnseen || !(isDisplayed ?? !hasHidden) }
    /// Whether white space is kept, by a style such as `white-space: pre-wrap`.
    private(set) var keepsSpace = false
    /// Whether it has no margin above and below, as paragraphs of Outlook.
    private(set) var hasNoMargin = false

    private var hasHidden = false
    /// What the style says, which counts more than the attribute `hidden`.
    private var isDisplayed: Bool?
    private var isUnseen = false

    /// The largest number that counts.
    private static let largestNumber = 1_000_000_000

    init(_ octets: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        var position = range.lowerBound
        let end = range.upperBound
        while position < end {
            while position < end, Self.isBetween(octets[position]) { position &+= 1 }
            let nameStart = position
            while position < end, !Self.isBetween(octets[position]), octets[position] != UInt8(ascii: "=") {
                position &+= 1
            }
            let name = nameStart..<position
            while position < end, HTMLText.isSpace(octets[position]) { position &+= 1 }
            guard position < end, octets[position] == UInt8(ascii: "=") else {
                take(octets, name, nil)
                continue
            }
            position &+= 1
            while position < end, HTMLText.isSpace(octets[position]) { position &+= 1 }
            let value: Range<Int>
            if position < end, octets[position] == UInt8(ascii: "\"") || octets[position] == UInt8(ascii: "'") {
                let mark = octets[position]
                let valueStart = position + 1
                position = valueStart
                while position < end, octets[position] != mark { position &+= 1 }
                value = valueStart..<position
                if position < end { position &+= 1 }
            } else {
                let valueStart = position
                while position < end, !HTMLText.isSpace(octets[position]) { position &+= 1 }
                value = valueStart..<position
            }
            take(octets, name, value)
        }
    }

    private static func isBetween(_ octet: UInt8) -> Bool {
        HTMLText.isSpace(octet) || octet == UInt8(ascii: "/")
    }

    /// The names that matter, in lower case.
    private static let known = ["href", "alt", "start", "value", "hidden", "style", "class"].map { Array($0.utf8) }
    /// Which of them were there: the first of a name counts.
    private var seen: UInt8 = 0

    private mutating func take(_ octets: UnsafeBufferPointer<UInt8>, _ nameRange: Range<Int>, _ range: Range<Int>?) {
        let name = octets[nameRange]
        let index = Self.known.firstIndex {
            $0.count == name.count && zip($0, name).allSatisfy { $0 == ASCIIText.lowered($1) }
        }
        guard let index, seen & (1 << index) == 0 else { return }
        seen |= 1 << index
        let text = range.map { HTMLEntities.decodeAttribute(octets, $0) } ?? ""
        switch index {
        case 0: href = text
        case 1: alt = text
        case 2: start = Self.number(text)
        case 3: value = Self.number(text)
        case 4: hasHidden = true
        case 5: readStyle(text)
        default: hasNoMargin = hasNoMargin || Self.isOutlookParagraph(text)
        }
    }

    /// Whether a class begins with `MsoNormal`.
    private static func isOutlookParagraph(_ classes: String) -> Bool {
        classes.utf8.split(whereSeparator: HTMLText.isSpace).contains { $0.starts(with: "MsoNormal".utf8) }
    }

    private static func number(_ text: String) -> Int? {
        Int(ASCIIText.trimmed(text[...])).map { max(-largestNumber, min($0, largestNumber)) }
    }

    /// Declarations of CSS, the last of a property counts.
    private mutating func readStyle(_ style: String) {
        for declaration in style.utf8.split(separator: UInt8(ascii: ";")) {
            guard let colon = declaration.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let property = Self.word(declaration[..<colon])
            let value = Self.word(declaration[declaration.index(after: colon)...])
            switch property {
            case "display": isDisplayed = !value.hasPrefix("none")
            case "visibility": isUnseen = isUnseen || value.hasPrefix("hidden")
            case "mso-hide": isUnseen = isUnseen || value.hasPrefix("all")
            case "white-space": keepsSpace = value.hasPrefix("pre") || value.hasPrefix("break-spaces")
            case "margin": hasNoMargin = value.hasPrefix("0") && !value.hasPrefix("0.")
            default: continue
            }
        }
    }

    /// The beginning of a property or value in lower case, without white space before it.
    private static func word(_ octets: Substring.UTF8View) -> String {
        let rest = octets.drop(while: HTMLText.isSpace).prefix { !HTMLText.isSpace($0) }
        return String(decoding: rest.prefix(20).map(ASCIIText.lowered), as: UTF8.self)
    }
}
