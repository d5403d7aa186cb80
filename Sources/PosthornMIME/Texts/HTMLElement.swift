/// What an element of HTML means for its text.
enum HTMLElement: UInt8 {
    /// Nothing; followed only while it is hidden.
    case inline
    case lineBreak, rule, image, quotationMark
    case block, paragraph, heading, blockQuote, preformatted
    case unordered, ordered, item
    case definitions, term, description
    case table, row, cell
    case link
    /// Never seen.
    case unseen
    /// Has neither content nor text.
    case void

    init(_ name: String) {
        self = Self.names[name] ?? .inline
    }

    /// How many line ends are before and after it at least.
    var margin: Int {
        switch self {
        case .block, .item, .term, .description, .table, .row, .rule: 1
        case .paragraph, .heading, .blockQuote, .preformatted, .unordered, .ordered, .definitions: 2
        default: 0
        }
    }

    /// Whether its beginning ends an open paragraph.
    var isBlock: Bool { margin > 0 && self != .row }

    private static let names: [String: HTMLElement] = {
        var names: [String: HTMLElement] = [:]
        func add(_ element: HTMLElement, _ list: String) {
            for name in list.split(separator: " ") { names[String(name)] = element }
        }
        add(.lineBreak, "br")
        add(.rule, "hr")
        add(.image, "img image")
        add(.quotationMark, "q")
        add(.paragraph, "p figure")
        add(.heading, "h1 h2 h3 h4 h5 h6")
        add(.blockQuote, "blockquote")
        add(.preformatted, "pre listing xmp plaintext textarea")
        add(.unordered, "ul menu dir")
        add(.ordered, "ol")
        add(.item, "li")
        add(.definitions, "dl")
        add(.term, "dt")
        add(.description, "dd")
        add(.table, "table")
        add(.row, "tr")
        add(.cell, "td th")
        add(.link, "a")
        add(.unseen, "template xml datalist")
        add(.void, "area base basefont bgsound col embed frame input keygen link meta param source track wbr")
        add(
            .block,
            "address article aside body caption center details dialog div fieldset figcaption footer form header "
                + "hgroup html legend main nav option optgroup search section summary"
        )
        return names
    }()
}

/// Kinds of elements.
struct HTMLElements: OptionSet {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ element: HTMLElement) { rawValue = 1 << UInt32(element.rawValue) }

    func contains(_ element: HTMLElement) -> Bool { rawValue & (1 << UInt32(element.rawValue)) != 0 }

    static let inline = HTMLElements(.inline)
    static let paragraph = HTMLElements(.paragraph)
    static let item = HTMLElements(.item)
    static let row = HTMLElements(.row)
    static let cell = HTMLElements(.cell)
    static let table = HTMLElements(.table)
    static let definition: HTMLElements = [HTMLElements(.term), HTMLElements(.description)]
    /// No end tag of anything outside counts within.
    static let scope: HTMLElements = [.cell, .table]
    static let aroundCell: HTMLElements = [.row, .table]
    /// An entry does not end one of another list.
    static let aroundItem: HTMLElements = [.scope, HTMLElements(.ordered), HTMLElements(.unordered), quote]
    static let aroundDefinition: HTMLElements = [.scope, HTMLElements(.definitions), quote]
    /// All but links and what only hides.
    static let aroundParagraph = HTMLElements(
        rawValue: ~(HTMLElements(.link).rawValue | HTMLElements(.inline).rawValue)
    )
    private static let quote = HTMLElements(.blockQuote)
}
