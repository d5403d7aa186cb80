import Posthorn
import PosthornTLS
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes names of files that no other program makes: second, microsecond, process or key, host.
struct MaildirNaming {
    private static let last = Mutex<UInt64>(0)
    private static let counter = Atomic<UInt64>(0)
    private static let host = escapedHost()

    /// Microseconds since 1970. Never the same twice in a process and never less than before, so that the order of
    /// names is the order of delivery also when many messages come at once or the clock is set back.
    static func moment() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = UInt64(clamping: time.tv_sec) &* 1_000_000 &+ UInt64(clamping: time.tv_nsec / 1000)
        return last.withLock { last in
            last = max(now, last &+ 1)
            return last
        }
    }

    /// A name for a message that has no key: `<second>.M<microsecond>P<process>Q<number>.<host>`, and `,S=<size>`.
    static func name(size: UInt64) -> FileName {
        var name = beginning()
        name.append(UInt8(ascii: "P"))
        append(UInt64(clamping: getpid()), to: &name)
        name.append(UInt8(ascii: "Q"))
        append(counter.wrappingAdd(1, ordering: .relaxed).newValue, to: &name)
        return end(name, size: size)
    }

    /// A name for a message in `tmp`; the account's tag, if there is one, tells whose leftover it is.
    static func temporaryName(tag: [UInt8] = []) -> FileName {
        var name: [UInt8] = []
        name.reserveCapacity(96)
        append(moment() / 1_000_000, to: &name)
        name.append(UInt8(ascii: "."))
        if !tag.isEmpty { name.append(UInt8(ascii: "F")) }
        name += tag
        name.append(UInt8(ascii: "P"))
        append(UInt64(clamping: getpid()), to: &name)
        name.append(UInt8(ascii: "Q"))
        append(counter.wrappingAdd(1, ordering: .relaxed).newValue, to: &name)
        return end(name, size: nil)
    }

    /// A name for a fetched message: `<second>.M<microsecond>F<tag><key>.<host>,S=<size>`.
    static func name(tag: [UInt8], key: FetchKey, size: UInt64) -> FileName {
        var name = beginning()
        name.append(UInt8(ascii: "F"))
        name += tag
        name += key.description.utf8
        return end(name, size: size)
    }

    /// The tag of an account: the first 8 hexadecimal digits of its SHA-256.
    static func tag(of account: FetchAccount) throws -> [UInt8] {
        do {
            return Hexadecimal.digits(of: try HashAlgorithm.sha256.hash(Array(account.description.utf8)).prefix(4))
        } catch {
            throw MailError(.storage, "the account's name could not be hashed: \(error)", cause: error)
        }
    }

    /// The key that a name holds, if it is the name of a fetched message.
    static func key(in name: UnsafePointer<CChar>) -> FetchKey? {
        let letters = uniquePart(of: name)
        guard let mark = letters.firstIndex(of: UInt8(ascii: "F")) else { return nil }
        let digits = letters[(mark + 1)...]
        guard digits.count == 40 else { return nil }
        return FetchKey(String(decoding: digits.dropFirst(8), as: UTF8.self))
    }

    /// Whether a name in `tmp` is one that was made with the tag.
    static func isTemporary(_ name: UnsafePointer<CChar>, ofTag tag: [UInt8]) -> Bool {
        let letters = uniquePart(of: name)
        return letters.first == UInt8(ascii: "F") && letters.dropFirst().starts(with: tag)
            && letters.dropFirst(1 + tag.count).first == UInt8(ascii: "P")
    }

    /// What stands between the first and the second dot.
    private static func uniquePart(of name: UnsafePointer<CChar>) -> UnsafeBufferPointer<UInt8> {
        let all = UnsafeRawBufferPointer(start: name, count: strlen(name)).assumingMemoryBound(to: UInt8.self)
        let dot = UInt8(ascii: ".")
        guard let first = all.firstIndex(of: dot) else { return UnsafeBufferPointer(rebasing: all[..<0]) }
        let second = all[(first + 1)...].firstIndex(of: dot) ?? all.endIndex
        return UnsafeBufferPointer(rebasing: all[(first + 1)..<second])
    }

    private static func beginning() -> [UInt8] {
        let moment = moment()
        var name: [UInt8] = []
        name.reserveCapacity(144)
        append(moment / 1_000_000, to: &name)
        name += [UInt8(ascii: "."), UInt8(ascii: "M")]
        append(moment % 1_000_000, to: &name, width: 6)
        return name
    }

    private static func end(_ name: [UInt8], size: UInt64?) -> FileName {
        var name = name
        name.append(UInt8(ascii: "."))
        name += host
        if let size {
            name += [UInt8(ascii: ","), UInt8(ascii: "S"), UInt8(ascii: "=")]
            append(size, to: &name)
        }
        name.append(0)
        return name.map { CChar(bitPattern: $0) }
    }

    private static func append(_ number: UInt64, to name: inout [UInt8], width: Int = 1) {
        let start = name.count
        var rest = number
        repeat {
            name.append(0x30 | UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0 || name.count - start < width
        name[start...].reverse()
    }

    /// The name of this computer, without the octets that have a meaning in names; at most 64 octets.
    private static func escapedHost() -> [UInt8] {
        var space = [CChar](repeating: 0, count: 256)
        guard gethostname(&space, space.count - 1) == 0 else { return Array("localhost".utf8) }
        let octets = space.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return escaped(octets.isEmpty ? Array("localhost".utf8) : octets)
    }

    static func escaped(_ host: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for octet in host.prefix(64) {
            switch octet {
            case UInt8(ascii: "/"): result += Array("\\057".utf8)
            case UInt8(ascii: ":"): result += Array("\\072".utf8)
            // Would begin the name's fields.
            case UInt8(ascii: ","): result += Array("\\054".utf8)
            case 0x21...0x7E: result.append(octet)
            default: result.append(UInt8(ascii: "_"))
            }
        }
        return result
    }
}
