import Posthorn
import PosthornTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The text of an identifier, compared by its octets; `String` takes different spellings of "é" for equal.
struct IDText: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: IDText, right: IDText) -> Bool {
        let isEqual: Bool?? = left.text.utf8.withContiguousStorageIfAvailable { left in
            right.text.utf8.withContiguousStorageIfAvailable { right in
                guard left.count == right.count, let first = left.baseAddress, let second = right.baseAddress else {
                    return left.isEmpty && right.isEmpty
                }
                return memcmp(first, second, left.count) == 0
            }
        }
        return (isEqual ?? nil) ?? left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isDone == nil { for octet in text.utf8 { hasher.combine(octet) } }
    }
}

/// The SHA-256 of a message.
struct ContentDigest: Hashable, Sendable {
    let words: (UInt64, UInt64, UInt64, UInt64)

    init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    static func == (left: ContentDigest, right: ContentDigest) -> Bool { left.words == right.words }

    // The hash's own octets are as good as random.
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Under what a record is filed.
enum RecordName: Hashable, Sendable {
    /// The message's lasting name.
    case id(IDText)
    /// The content, and its number among equal contents of a list, from 1: where names do not last.
    case content(ContentDigest, Int)
}

/// A ``FetchKey`` without its digits: 16 octets instead of a text of 32.
struct KeyWords: Hashable, Sendable {
    /// Of the account and the message's name.
    let name: UInt64
    /// Of the content.
    let content: UInt64
}

extension FetchKey {
    init(_ words: KeyWords) {
        description = String(unsafeUninitializedCapacity: 32) { space in
            for position in 0..<16 {
                let shift = UInt64(60 - position * 4)
                space[position] = Hex.digit(words.name >> shift)
                space[position + 16] = Hex.digit(words.content >> shift)
            }
            return 32
        }
    }

    var words: KeyWords? {
        let digits = Array(description.utf8)
        guard digits.count == 32, let name = Hex.word(digits[..<16]), let content = Hex.word(digits[16...]) else {
            return nil
        }
        return KeyWords(name: name, content: content)
    }
}

/// Hashes contents and makes keys.
///
/// A key has two halves of 64 bits: the first names the account and the message's name, the second the content. So a
/// key that a place holds can be found by a name alone, without reading the message again; and a server that uses the
/// name of a deleted message for another one (RFC 1939 section 7 allows it) does not make the two look alike.
final class FetchHasher {
    private let stream: HashStream
    private let account: [UInt8]
    private var buffer: [UInt8] = []
    /// What is hashed before each name.
    private let prefix: [UInt8]

    /// - Throws: ``MailError`` with code `unsupported` if this computer's library has no SHA-256.
    init(account: FetchAccount) throws {
        do { stream = try HashStream(.sha256) } catch { throw Self.failure(error) }
        self.account = Array(account.description.utf8)
        var prefix: [UInt8] = []
        Self.append("id".utf8, to: &prefix)
        Self.append(self.account, to: &prefix)
        self.prefix = prefix
    }

    /// Takes octets of the content.
    func update(_ octets: [UInt8]) throws {
        do { try stream.update(octets) } catch { throw Self.failure(error) }
    }

    /// Forgets the content that was begun.
    func reset() throws {
        do { try stream.reset() } catch { throw Self.failure(error) }
    }

    /// The hash of the content; begins anew.
    func finish() throws -> ContentDigest {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        do {
            try withUnsafeMutableBytes(of: &words) { space throws(TLSError) in try stream.finish(into: space) }
        } catch {
            throw Self.failure(error)
        }
        return ContentDigest((words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
    }

    /// The half of the key that stands for a name. Not to be called while a content is being hashed.
    func nameHalf(_ id: IDText) throws -> UInt64 {
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: prefix)
        Self.append(id.text.utf8, to: &buffer)
        try update(buffer)
        return try finish().words.0
    }

    /// The key of a message. Not to be called while a content is being hashed.
    func key(_ name: RecordName, _ digest: ContentDigest) throws -> KeyWords {
        switch name {
        case .id(let id): return KeyWords(name: try nameHalf(id), content: digest.words.0)
        case .content(let digest, let occurrence):
            var octets: [UInt8] = []
            for word in [digest.words.0, digest.words.1, digest.words.2, digest.words.3] {
                Hex.append(word, to: &octets)
            }
            let hash = try hash([Array("content".utf8), account, octets, Array(String(occurrence).utf8)])
            return KeyWords(name: hash.words.0, content: hash.words.1)
        }
    }

    /// The hash of several values, each with its length before it, so that none runs into the next.
    func hash(_ values: [[UInt8]]) throws -> ContentDigest {
        var octets: [UInt8] = []
        for value in values { Self.append(value, to: &octets) }
        try update(octets)
        return try finish()
    }

    private static func append(_ value: some Collection<UInt8>, to octets: inout [UInt8]) {
        withUnsafeBytes(of: UInt64(value.count).bigEndian) { octets.append(contentsOf: $0) }
        octets.append(contentsOf: value)
    }

    private static func failure(_ error: TLSError) -> MailError {
        MailError(.unsupported, "messages cannot be told apart on this computer: \(error)", cause: error)
    }
}

/// Hexadecimal digits, lower-case.
enum Hex {
    static func digit(_ value: UInt64) -> UInt8 {
        let low = UInt8(truncatingIfNeeded: value) & 0x0F
        return low < 10 ? 0x30 + low : 0x57 + low
    }

    /// Appends 16 digits.
    static func append(_ word: UInt64, to octets: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) { octets.append(digit(word >> UInt64(shift))) }
    }

    /// The value of 1 to 16 digits; `nil` for anything else.
    static func word(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard (1...16).contains(digits.count) else { return nil }
        var word: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: word = word << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: word = word << 4 | UInt64(digit - 0x57)
            default: return nil
            }
        }
        return word
    }
}
