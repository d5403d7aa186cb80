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
            case .batch(let number): Self.append("batch \(number)", to: &octets)
            case .begin(let generation): Self.append("begin \(generation)", to: &octets)
            case .end(let generation): Self.append("end \(generation)", to: &octets)
            case .put(let name, let record, let isDecided):
                Self.append(isDecided ? "had " : "put ", to: &octets)
                Self.append("\(record.generation) ", to: &octets)
                Self.append(record.key, to: &octets)
                octets.append(0x20)
                if let digest = record.digest { Self.append(digest, to: &octets) } else { octets.append(0x2D) }
                Self.append(" \(record.fetched) ", to: &octets)
                Self.append(name, to: &octets)
            case .done: Self.append("done", to: &octets)
            case .drop(let name):
                Self.append("drop ", to: &octets)
                Self.append(name, to: &octets)
            case .mark(let name, let presence):
                switch presence {
                case .listed: Self.append("listed ", to: &octets)
                case .deleted: Self.append("deleted ", to: &octets)
                case .missing(let since): Self.append("missing \(since) ", to: &octets)
                }
                Self.append(name, to: &octets)
            case .held(let key):
                Self.append("held ", to: &octets)
                Self.append(key, to: &octets)
            case .release: Self.append("release", to: &octets)
            }
        }
    }

    /// The meaning of a line's words; `nil` if there is no such line.
    init?(_ words: [ArraySlice<UInt8>]) {
        guard let kind = words.first.map({ String(decoding: $0, as: UTF8.self) }), let last = words.last else {
            return nil
        }
        switch (kind, words.count) {
        case ("batch", 2), ("begin", 2), ("end", 2):
            guard let number: UInt64 = StateLine.number(last) else { return nil }
            self = kind == "batch" ? .batch(number) : kind == "begin" ? .begin(number) : .end(number)
        case ("put", 6), ("had", 6):
            guard let generation: UInt64 = StateLine.number(words[1]), let key = Self.key(words[2]),
                let fetched: Int64 = StateLine.number(words[4]), let name = Self.name(last)
            else { return nil }
            let digest = Self.digest(words[3])
            guard digest != nil || words[3].elementsEqual([0x2D]) else { return nil }
            let record = FetchState.Record(key: key, digest: digest, fetched: fetched, generation: generation)
            self = .put(name, record, isDecided: kind == "had")
        case ("done", 1): self = .done
        case ("release", 1): self = .release
        case ("drop", 2), ("listed", 2), ("deleted", 2):
            guard let name = Self.name(last) else { return nil }
            self = kind == "drop" ? .drop(name) : .mark(name, kind == "listed" ? .listed : .deleted)
        case ("missing", 3):
            guard let since: Int64 = StateLine.number(words[1]), let name = Self.name(last) else { return nil }
            self = .mark(name, .missing(since: since))
        case ("held", 2):
            guard let key = Self.key(last) else { return nil }
            self = .held(key)
        default: return nil
        }
    }

    private static func append(_ text: String, to octets: inout [UInt8]) { octets.append(contentsOf: text.utf8) }

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
            append("id:", to: &octets)
            StateLine.append(escaped: id.text, to: &octets)
        case .content(let digest, let occurrence):
            append("content:", to: &octets)
            append(digest, to: &octets)
            append(":\(occurrence)", to: &octets)
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
