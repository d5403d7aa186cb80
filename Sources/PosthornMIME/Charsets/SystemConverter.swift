import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A descriptor of the system's iconv that converts into UTF-8.
///
/// Sendable, though it has state, because it belongs to one owner at a time: who takes it out of the pool.
final class SystemConverter: @unchecked Sendable {
    /// The name that iconv knows the character set by.
    let name: String
    private let descriptor: iconv_t

    private init?(opening name: String) {
        guard let descriptor = iconv_open("UTF-8", name), descriptor != iconv_t(bitPattern: -1) else { return nil }
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        iconv_close(descriptor)
    }

    // MARK: The pool

    /// To open a descriptor costs microseconds, and milliseconds if it is the first of its character set.
    private static let pool = Mutex<[String: [SystemConverter]]>([:])
    /// How many descriptors of one character set wait for the next text.
    private static let mostWaiting = 8

    /// A converter in its first state; `nil` if the system knows none of the names.
    static func take(_ names: [String]) -> SystemConverter? {
        for name in names {
            if let waiting = pool.withLock({ $0[name]?.popLast() }) { return waiting }
            if let new = SystemConverter(opening: name) { return new }
        }
        return nil
    }

    /// Puts a converter back for the next text.
    static func giveBack(_ converter: SystemConverter) {
        _ = iconv(converter.descriptor, nil, nil, nil, nil)
        pool.withLock { pool in
            if pool[converter.name, default: []].count < mostWaiting {
                pool[converter.name, default: []].append(converter)
            }
        }
    }

    // MARK: Converting

    /// Converts octets and appends UTF-8. Returns how many octets were used; the rest begins a character that the
    /// octets do not end.
    ///
    /// - Parameter errors: counts the sequences that are no character. Each becomes U+FFFD, or what `mended` has for
    ///   its first octet.
    func convert(
        _ input: UnsafeBufferPointer<UInt8>,
        into output: inout [UInt8],
        errors: inout Int,
        isDoubleByte: Bool,
        isLast: Bool,
        mended: (UInt8) -> UInt32?
    ) -> Int {
        guard let base = input.baseAddress else { return 0 }
        var position = 0
        while position < input.count {
            let result = step(base + position, input.count - position, into: &output)
            position += result.used
            guard result.error != 0 else { break }
            if result.error == EINVAL { break }
            if result.error == E2BIG, result.used > 0 || result.wrote { continue }
            guard position < input.count else { break }
            let first = input[position]
            if let scalar = mended(first) {
                UTF8Sequences.append(scalar, to: &output)
            } else {
                // As browsers do: a lead octet takes a trail octet with it unless that is ASCII.
                let isLead = isDoubleByte && (0x81...0xFE).contains(first)
                if isLead, position + 1 == input.count, !isLast { break }
                output.append(contentsOf: OctetRuns.replacement)
                errors += 1
                if isLead, position + 1 < input.count, input[position + 1] >= 0x80 { position += 1 }
            }
            position += 1
        }
        return position
    }

    /// Appends what the converter still holds.
    func finish(into output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { room in
            var target: UnsafeMutablePointer<CChar>? = room.baseAddress
            var left = room.count
            _ = iconv(descriptor, nil, nil, &target, &left)
            append(room, room.count - left, to: &output)
        }
    }

    private func step(
        _ start: UnsafePointer<UInt8>,
        _ count: Int,
        into output: inout [UInt8]
    ) -> (used: Int, wrote: Bool, error: Int32) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: min(16_384, count * 4 + 64)) { room in
            // iconv does not write to its input, whatever the type says.
            var source: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: start)
                .assumingMemoryBound(to: CChar.self)
            var target: UnsafeMutablePointer<CChar>? = room.baseAddress
            var sourceLeft = count
            var targetLeft = room.count
            let failed = iconv(descriptor, &source, &sourceLeft, &target, &targetLeft) == -1
            let error = failed ? errno : 0
            append(room, room.count - targetLeft, to: &output)
            return (count - sourceLeft, targetLeft < room.count, error)
        }
    }

    private func append(_ room: UnsafeMutableBufferPointer<CChar>, _ count: Int, to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<count]))
    }
}
