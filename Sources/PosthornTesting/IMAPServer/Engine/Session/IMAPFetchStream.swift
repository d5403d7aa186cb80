extension IMAPFetchItem {
    /// What several items ask for together.
    struct Wanted {
        var uid = false
        var flags = false
        var modificationSequence = false
        /// Whether a message is seen by that.
        var marksSeen = false

        init(_ items: [IMAPFetchItem]) {
            for item in items {
                switch item {
                case .uid: uid = true
                case .flags: flags = true
                case .modificationSequence: modificationSequence = true
                case .section(let section): if !section.isPeek { marksSeen = true }
                default: break
                }
            }
        }
    }
}

/// The FETCH responses to a command, made message by message when they are sent.
struct IMAPFetchStream: OctetStream {
    /// A message and its number in the view of the session.
    struct Target {
        let number: Int
        let message: IMAPMailStore.Message
        /// Whether its flags have changed by the command.
        var tellsFlags = false
    }

    /// Larger pieces of a content are not put together with what surrounds them.
    private static let small: UInt64 = 16 * 1_024

    private let targets: [Target]
    private let items: [IMAPFetchItem]
    private let wanted: IMAPFetchItem.Wanted
    /// What literals announce in place of their sizes.
    var literalSize: String?
    /// Whether flags that have changed are told with the number of the change.
    var tellsModificationSequence = false

    private var target = 0
    private var item = 0
    private var isBegun = false
    /// What is made and not given yet.
    private var ready: [UInt8] = []
    private var given = 0
    private var content: IMAPContentStream?

    init(_ targets: [Target], _ items: [IMAPFetchItem]) {
        self.targets = targets
        self.items = items
        wanted = IMAPFetchItem.Wanted(items)
    }

    mutating func next(_ limit: Int) -> [UInt8] {
        while given >= ready.count {
            if content != nil {
                let octets = content?.next(limit) ?? []
                if !octets.isEmpty { return octets }
                content = nil
            }
            (ready, given) = ([], 0)
            make()
            if ready.isEmpty, content == nil { return [] }
        }
        if given == 0, ready.count <= limit {
            defer { ready = [] }
            return ready
        }
        let piece = Array(ready[given..<min(ready.count, given + limit)])
        given += piece.count
        return piece
    }

    /// Makes some responses, up to a large content.
    private mutating func make() {
        var text: [UInt8] = []
        text.reserveCapacity(Int(Self.small) * 2)
        while target < targets.count, content == nil, text.count < Int(Self.small) {
            let message = targets[target].message
            if !isBegun {
                isBegun = true
                IMAPText.append("* \(targets[target].number) FETCH (", to: &text)
            }
            while item < items.count, content == nil {
                if item > 0 { text.append(IMAPText.space) }
                append(items[item], message, to: &text)
                item += 1
            }
            // A large content comes before what follows.
            guard content == nil else { break }
            if targets[target].tellsFlags {
                if !wanted.flags { IMAPText.append(" FLAGS (\(message.flags.joined(separator: " ")))", to: &text) }
                if tellsModificationSequence, !wanted.modificationSequence {
                    IMAPText.append(" MODSEQ (\(message.modificationSequence))", to: &text)
                }
            }
            IMAPText.append(")\r\n", to: &text)
            target += 1
            item = 0
            isBegun = false
        }
        ready = text
    }

    private mutating func append(_ item: IMAPFetchItem, _ message: IMAPMailStore.Message, to text: inout [UInt8]) {
        switch item {
        case .flags: IMAPText.append("FLAGS (\(message.flags.joined(separator: " ")))", to: &text)
        case .uid: IMAPText.append("UID \(message.uid)", to: &text)
        case .internalDate: IMAPText.append("INTERNALDATE \"\(message.internalDate)\"", to: &text)
        case .size: IMAPText.append("RFC822.SIZE \(message.size)", to: &text)
        case .modificationSequence: IMAPText.append("MODSEQ (\(message.modificationSequence))", to: &text)
        case .envelope:
            IMAPText.append("ENVELOPE ", to: &text)
            text.append(contentsOf: message.content.envelope)
        case .structure(let isExtended):
            IMAPText.append(isExtended ? "BODYSTRUCTURE " : "BODY ", to: &text)
            text.append(contentsOf: message.content.structure(isExtended: isExtended))
        case .section(let section): append(section, message, to: &text)
        }
    }

    private mutating func append(_ section: IMAPFetchSection, _ message: IMAPMailStore.Message, to text: inout [UInt8])
    {
        IMAPText.append(section.label + " ", to: &text)
        switch message.content.section(section) {
        case .none: text.append(contentsOf: IMAPText.none)
        case .octets(let octets):
            let part = Self.part(0..<UInt64(octets.count), section.partial)
            let piece = octets[Int(part.lowerBound)..<Int(part.upperBound)]
            appendSize(UInt64(piece.count), to: &text)
            text.append(contentsOf: piece)
        case .range(let whole):
            let part = Self.part(whole, section.partial)
            let size = part.upperBound - part.lowerBound
            appendSize(size, to: &text)
            var stream = IMAPContentStream(message.content.content, part)
            if size <= Self.small {
                while true {
                    let octets = stream.next(Int(Self.small))
                    if octets.isEmpty { return }
                    text.append(contentsOf: octets)
                }
            }
            content = stream
        }
    }

    private func appendSize(_ size: UInt64, to text: inout [UInt8]) {
        IMAPText.append("{\(literalSize ?? String(size))}\r\n", to: &text)
    }

    /// What a partial fetch takes of a range.
    private static func part(_ range: Range<UInt64>, _ partial: (start: UInt64, count: UInt64)?) -> Range<UInt64> {
        guard let partial else { return range }
        let size = range.upperBound - range.lowerBound
        let start = min(partial.start, size)
        let count = min(partial.count, size - start)
        return (range.lowerBound + start)..<(range.lowerBound + start + count)
    }
}
