import Synchronization

/// The content of a message with what was found in it, which all mailboxes and sessions share.
final class IMAPContent: Sendable {
    /// Contents up to this size are read whole; of others only the header, and their body is one part.
    private static let parsed: UInt64 = 16 << 20
    private static let header = 64 * 1_024

    private struct Findings {
        var part: IMAPPart?
        var header: IMAPHeader?
        var envelope: [UInt8]?
        var body: [UInt8]?
        var bodyStructure: [UInt8]?
    }

    let content: ServerContent
    private let findings = Mutex(Findings())

    init(_ content: ServerContent) {
        self.content = content
    }

    var size: UInt64 { content.size }
    private var isWhole: Bool { size <= Self.parsed }

    /// What can be looked at: everything, or the beginning of what is too large.
    private var octets: [UInt8] {
        isWhole ? content.octets : content.octets(from: 0, limit: Self.header)
    }

    private var header: IMAPHeader {
        if let header = findings.withLock({ $0.header }) { return header }
        let octets = octets
        let header = IMAPHeader(octets, 0..<octets.count)
        findings.withLock { $0.header = header }
        return header
    }

    private var part: IMAPPart {
        if let part = findings.withLock({ $0.part }) { return part }
        let header = header
        let part = IMAPPart(isWhole ? octets : Array(octets.prefix(header.end)), header)
        findings.withLock { $0.part = part }
        return part
    }

    var envelope: [UInt8] {
        if let envelope = findings.withLock({ $0.envelope }) { return envelope }
        let envelope = IMAPEnvelope.make(header, octets)
        findings.withLock { $0.envelope = envelope }
        return envelope
    }

    func structure(isExtended: Bool) -> [UInt8] {
        let known = findings.withLock { isExtended ? $0.bodyStructure : $0.body }
        if let known { return known }
        let rest = isWhole ? nil : size - UInt64(header.end)
        let made = IMAPBodyStructure.make(part, octets, isExtended: isExtended, size: rest)
        findings.withLock { findings in
            if isExtended { findings.bodyStructure = made } else { findings.body = made }
        }
        return made
    }

    // MARK: Sections

    /// A part of the content, or octets that were made of it.
    enum Section {
        case range(Range<UInt64>)
        case octets([UInt8])
        /// There is no such part.
        case none
    }

    func section(_ section: IMAPFetchSection) -> Section {
        if section.path.isEmpty {
            switch section.kind {
            case .all: return .range(0..<size)
            case .header: return .range(0..<UInt64(header.end))
            case .text: return .range(UInt64(header.end)..<size)
            case .fields(let names, let isNot): return .octets(fields(header, names, isNot))
            case .mime: return .none
            }
        }
        if !isWhole {
            // Everything behind the header is one part.
            guard section.path == [1] else { return .none }
            switch section.kind {
            case .all: return .range(UInt64(header.end)..<size)
            case .mime: return .range(0..<UInt64(header.end))
            default: return .none
            }
        }
        guard let part = part.part(section.path) else { return .none }
        switch section.kind {
        case .all: return Self.range(part.body)
        case .mime: return Self.range(part.header.start..<part.header.end)
        case .header, .text, .fields:
            guard part.isMessage, let message = part.children.first else { return .none }
            switch section.kind {
            case .header: return Self.range(message.header.start..<message.header.end)
            case .fields(let names, let isNot): return .octets(fields(message.header, names, isNot))
            default: return Self.range(message.body)
            }
        }
    }

    private static func range(_ range: Range<Int>) -> Section {
        .range(UInt64(range.lowerBound)..<UInt64(range.upperBound))
    }

    private func fields(_ header: IMAPHeader, _ names: [String], _ isNot: Bool) -> [UInt8] {
        let octets = octets
        let wanted = Set(names.map { $0.lowercased() })
        var made: [UInt8] = []
        for field in header.fields where wanted.contains(field.name) != isNot { made += octets[field.range] }
        return made + [13, 10]
    }

    // MARK: Searching

    /// The unfolded values of a field.
    func values(_ name: String) -> [[UInt8]] { header.values(name.lowercased(), in: octets) }

    /// Whether the octets hold a text, in any case of ASCII letters.
    ///
    /// - Parameters:
    ///   - text: In lower case.
    ///   - isBody: Whether only the body is looked at.
    func contains(_ text: [UInt8], isBody: Bool) -> Bool {
        let octets = octets
        let place = isBody ? Array(octets[min(header.end, octets.count)...]) : octets
        return text.isEmpty || Octets.position(of: text, in: IMAPText.lowercased(place)) != nil
    }
}

/// A part of a content.
struct IMAPContentStream: OctetStream {
    private let content: ServerContent
    private var range: Range<UInt64>

    init(_ content: ServerContent, _ range: Range<UInt64>) {
        self.content = content
        self.range = range
    }

    mutating func next(_ limit: Int) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        let octets = content.octets(
            from: range.lowerBound,
            limit: Int(min(UInt64(max(1, limit)), range.upperBound - range.lowerBound))
        )
        range = (range.lowerBound + UInt64(octets.count))..<range.upperBound
        return octets
    }
}
