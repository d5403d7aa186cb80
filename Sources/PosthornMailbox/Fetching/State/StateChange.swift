import Posthorn

/// A line of a state file, as what it means.
enum StateChange {
    /// The lines up to the next of this kind were written with one `fsync`. Numbered from 1.
    case batch(UInt64)
    case begin(UInt64)
    case end(UInt64)
    case put(RecordName, FetchState.Record, isDecided: Bool)
    case done
    case drop(RecordName)
    case mark(RecordName, FetchState.Record.Presence)
    case held(KeyWords)
    case release

    /// Appends the line.
    func append(to octets: inout [UInt8]) {
        StateLine.append(to: &octets) { octets in
            switch self {
            case .batch(let number): Self.append("batch ", number, to: &octets)
            case .begin(let generation): Self.append("begin ", generation, to: &octets)
            case .end(let generation): Self.append("end ", generation, to: &octets)
            case .put(let name, let record, let isDecided):
                Self.append(isDecided ? "had " : "put ", record.generation, to: &octets)
                octets.append(0x20)
                Self.append(record.key, to: &octets)
                octets.append(0x20)
                if let digest = record.digest { Self.append(digest, to: &octets) } else { octets.append(0x2D) }
                Self.append(" ", record.fetched, to: &octets)
                octets.append(0x20)
                Self.append(name, to: &octets)
            case .done: octets.append(contentsOf: "done".utf8)
            case .drop(let name):
                octets.append(contentsOf: "drop ".utf8)
                Self.append(name, to: &octets)
            case .mark(let name, let presence):
                switch presence {
                case .listed: octets.append(contentsOf: "listed ".utf8)
                case .deleted: octets.append(contentsOf: "deleted ".utf8)
                case .missing(let since):
                    Self.append("missing ", since, to: &octets)
                    octets.append(0x20)
                }
                Self.append(name, to: &octets)
            case .held(let key):
                octets.append(contentsOf: "held ".utf8)
                Self.append(key, to: &octets)
            case .release: octets.append(contentsOf: "release".utf8)
            }
        }
    }

    /// The meaning of a line's words; `nil` if there is no such line.
    init?(_ line: StateLine.Words) {
        var words = line
        guard let kind = words.next() else { return nil }
        func isKind(_ word: StaticString) -> Bool {
            word.withUTF8Buffer { $0.elementsEqual(kind) }
        }
        if isKind("put") || isKind("had") {
            guard let generation: UInt64 = StateLine.number(words.next()), let key = words.next().flatMap(Self.key),
                let content = words.next(), let fetched: Int64 = StateLine.number(words.next()),
                let name = words.last().flatMap(Self.name)
            else { return nil }
            let digest = Self.digest(content)
            guard digest != nil || content.elementsEqual([0x2D]) else { return nil }
            let record = FetchState.Record(key: key, digest: digest, fetched: fetched, generation: generation)
            self = .put(name, record, isDecided: isKind("had"))
        } else if isKind("batch") || isKind("begin") || isKind("end") {
            guard let number: UInt64 = StateLine.number(words.last()) else { return nil }
            self = isKind("batch") ? .batch(number) : isKind("begin") ? .begin(number) : .end(number)
        } else if isKind("drop") || isKind("listed") || isKind("deleted") {
            guard let name = words.last().flatMap(Self.name) else { return nil }
            self = isKind("drop") ? .drop(name) : .mark(name, isKind("listed") ? .listed : .deleted)
        } else if isKind("missing") {
            guard let since: Int64 = StateLine.number(words.next()), let name = words.last().flatMap(Self.name) else {
                return nil
            }
            self = .mark(name, .missing(since: since))
        } else if isKind("held") {
            guard let key = words.last().flatMap(Self.key) else { return nil }
            self = .held(key)
        } else if isKind("done"), words.isAtEnd {
            self = .done
        } else if isKind("release"), words.isAtEnd {
            self = .release
        } else {
            return nil
        }
    }

    private static func append(_ word: String, _ number: some FixedWidthInteger, to octets: inout [UInt8]) {
        octets.append(contentsOf: word.utf8)
        StateLine.append(number, to: &octets)
    }

    private static func append(_ key: KeyWords, to octets: inout [UInt8]) {
        Hex.append(key.name, to: &octets)
        Hex.append(key.content, to: &octets)
    }

    private static func append(_ digest: ContentDigest, to octets: inout [UInt8]) {
        Hex.append(digest.words.0, to: &octets)
        Hex.append(digest.words.1, to: &octets)
        Hex.append(digest.words.2, to: &octets)
        Hex.append(digest.words.3, to: &octets)
    }

    private static func append(_ name: RecordName, to octets: inout [UInt8]) {
        switch name {
        case .id(let id):
            octets.append(contentsOf: "id:".utf8)
            StateLine.append(escaped: id.text, to: &octets)
        case .content(let digest, let occurrence):
            octets.append(contentsOf: "content:".utf8)
            append(digest, to: &octets)
            append(":", occurrence, to: &octets)
        }
    }

    private static func key(_ word: ArraySlice<UInt8>) -> KeyWords? {
        guard word.count == 32, let name = Hex.word(word.prefix(16)), let content = Hex.word(word.suffix(16)) else {
            return nil
        }
        return KeyWords(name: name, content: content)
    }

    private static func digest(_ word: ArraySlice<UInt8>) -> ContentDigest? {
        guard word.count == 64, let first = Hex.word(word.prefix(16)),
            let second = Hex.word(word.dropFirst(16).prefix(16)),
            let third = Hex.word(word.dropFirst(32).prefix(16)), let fourth = Hex.word(word.suffix(16))
        else { return nil }
        return ContentDigest((first, second, third, fourth))
    }

    private static func name(_ word: ArraySlice<UInt8>) -> RecordName? {
        if word.starts(with: "id:".utf8) {
            return StateLine.unescaped(word.dropFirst(3)).map { .id(IDText($0)) }
        }
        guard word.starts(with: "content:".utf8), let digest = digest(word.dropFirst(8).prefix(64)),
            word.dropFirst(72).first == 0x3A, let occurrence: Int = StateLine.number(word.dropFirst(73)), occurrence > 0
        else { return nil }
        return .content(digest, occurrence)
    }
}
