/// Changes to the header of a message that is ready otherwise. All other fields and the body stay as they are,
/// octet by octet.
public struct HeaderEdit: Sendable {
    /// The names of the fields that are taken out.
    public var removed: Set<HeaderName> { Set(removedNames) }
    /// The same, each once. They are few: an array is searched faster than a set.
    private var removedNames: [HeaderName] = []
    /// The fields that are put in the place of the first one of their name; all others of that name go.
    public private(set) var replaced: [HeaderField] = []
    /// The fields that are put before all others.
    public private(set) var prepended: [HeaderField] = []
    /// The fields that are put after all others.
    public private(set) var appended: [HeaderField] = []

    /// No change.
    public init() {}

    /// Whether nothing is changed.
    public var isEmpty: Bool { removedNames.isEmpty && replaced.isEmpty && prepended.isEmpty && appended.isEmpty }

    /// Takes out all fields of a name.
    public mutating func remove(_ name: HeaderName) {
        if !removedNames.contains(name) { removedNames.append(name) }
        replaced.removeAll { $0.name == name }
    }

    /// Puts a field in the place of the first one of its name, or at the end if there is none.
    public mutating func replace(_ field: HeaderField) {
        removedNames.removeAll { $0 == field.name }
        replaced.removeAll { $0.name == field.name }
        replaced.append(field)
    }

    /// Puts a field before all others.
    public mutating func prepend(_ field: HeaderField) {
        prepended.insert(field, at: 0)
    }

    /// Puts a field after all others.
    public mutating func append(_ field: HeaderField) {
        appended.append(field)
    }

    /// This edit and then `next` in one, if there is one edit that does the same as both.
    func followed(by next: HeaderEdit) -> HeaderEdit? {
        // A field that is added at the end, or taken out and put in again, has no place in a single edit.
        guard prepended.isEmpty, appended.isEmpty else { return nil }
        var both = next
        both.replaced = replaced.filter { !next.removedNames.contains($0.name) }
        for field in next.replaced {
            guard !removedNames.contains(field.name) else { return nil }
            if let index = both.replaced.firstIndex(where: { $0.name == field.name }) {
                both.replaced[index] = field
            } else {
                both.replaced.append(field)
            }
        }
        for name in removedNames where !both.removedNames.contains(name) { both.removedNames.append(name) }
        return both
    }

    /// Whether a message with this header stays as it is, octet by octet.
    func changesNothing(of block: HeaderBlock) -> Bool {
        guard prepended.isEmpty, appended.isEmpty, replaced.isEmpty, block.hasSeparator,
            let first = block.places.first, let last = block.places.last, first.start == 0,
            !removedNames.contains(where: { block.contains($0) })
        else { return false }
        let separator = block.octets[last.end..<block.bodyOffset]
        return block.usesLineFeeds ? separator.elementsEqual([0x0A]) : separator.elementsEqual([0x0D, 0x0A])
    }

    /// The edited header, with the empty line that ends it.
    ///
    /// New fields get the line ends that the message has, and hold UTF-8 only if they cannot be written without.
    func apply(to block: HeaderBlock) throws -> [UInt8] {
        let usesLineFeeds = block.usesLineFeeds
        func octets(_ field: HeaderField) throws -> [UInt8] {
            let octets = try field.serialized(utf8: field.needsUTF8)
            return usesLineFeeds ? octets.filter { $0 != 0x0D } : octets
        }
        let lineEnd: [UInt8] = usesLineFeeds ? [0x0A] : [0x0D, 0x0A]
        var header: [UInt8] = []
        header.reserveCapacity(block.bodyOffset + 256)
        for field in prepended { header += try octets(field) }
        var isOpen = [Bool](repeating: true, count: replaced.count)
        for place in block.places where !removedNames.contains(where: { block.isNamed(place, $0) }) {
            if let index = replaced.firstIndex(where: { block.isNamed(place, $0.name) }) {
                if isOpen[index] { header += try octets(replaced[index]) }
                isOpen[index] = false
            } else {
                header += block.octets[place.start..<place.end]
                if let last = header.last, last != 0x0A, last != 0x0D { header += lineEnd }
            }
        }
        for (field, isOpen) in zip(replaced, isOpen) where isOpen { header += try octets(field) }
        for field in appended { header += try octets(field) }
        return header + lineEnd
    }
}

extension HeaderBlock {
    /// Whether the lines end with LF alone, as the first field shows.
    fileprivate var usesLineFeeds: Bool {
        guard let first = places.first, octets[first.end - 1] == 0x0A else { return false }
        return first.end < 2 || octets[first.end - 2] != 0x0D
    }
}
