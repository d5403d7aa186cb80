/// Converts octets of a character set into UTF-8, piece by piece. A character may be cut between two pieces.
///
/// What is no character becomes U+FFFD and is counted; nothing is left out. A decoder takes memory for one unfinished
/// character only. In UTF-8 a U+FEFF at the start stays (RFC 3629 section 6); in UTF-16 and UTF-32 it is the byte order
/// mark and goes.
///
/// US-ASCII with octets from 0x80 on: if the first such sequence is UTF-8, the text is read as UTF-8, with windows-1252
/// for octets that are not; otherwise as windows-1252. ``TextCharset/decode(_:)`` sees the whole text and decides better.
public struct CharsetDecoder: ~Copyable, Sendable {
    /// How many characters U+FFFD were put for octets that could not be read.
    public private(set) var replacements = 0
    /// What was wrong so far.
    public private(set) var defects: ReadingDefects = []

    private enum State {
        case utf8, guessed(UndeclaredOctets), unknown(isInRun: Bool)
        case table(SingleByteTable)
        case wide(WideOctets)
        case system(SystemConverter, mendsEuro: Bool, isDoubleByte: Bool)
        case escaped(EscapedOctets, SystemConverter)
    }

    private var state: State
    /// The start of a character whose end has not come.
    private var rest: [UInt8] = []
    /// The same, in the eight-bit form of an escaped character set.
    private var pairsRest: [UInt8] = []

    /// A decoder at the start of a text.
    public init(_ charset: TextCharset) {
        switch charset.method {
        case .utf8: state = .utf8
        case .undeclared: state = .guessed(UndeclaredOctets())
        case .windows1252: state = .table(.windows1252)
        case .userDefined: state = .table(.userDefined)
        case .wide(let width, let isBigEndian): state = .wide(WideOctets(width: width, isBigEndian: isBigEndian))
        case .singleByte(let names):
            if let table = SingleByteTable.named(charset.name, system: names) {
                state = .table(table)
            } else {
                state = .unknown(isInRun: false)
            }
        case .system(let names, let isDoubleByte):
            if let converter = SystemConverter.take(names) {
                state = .system(converter, mendsEuro: charset.name == "GBK", isDoubleByte: isDoubleByte)
            } else {
                state = .unknown(isInRun: false)
            }
        case .escaped(let kind, let names):
            if let converter = SystemConverter.take(names) {
                state = .escaped(EscapedOctets(kind), converter)
            } else {
                state = .unknown(isInRun: false)
            }
        case .unknown: state = .unknown(isInRun: false)
        }
    }

    deinit {
        switch state {
        case .system(let converter, _, _), .escaped(_, let converter): SystemConverter.giveBack(converter)
        default: break
        }
    }

    /// Appends the next octets of the text as UTF-8.
    public mutating func decode(_ octets: some Collection<UInt8>, into output: inout [UInt8]) {
        if rest.isEmpty {
            let isDone: Void? = octets.withContiguousStorageIfAvailable { convert($0, into: &output, isLast: false) }
            if isDone != nil { return }
        }
        var joined = rest
        rest.removeAll(keepingCapacity: true)
        joined.append(contentsOf: octets)
        joined.withUnsafeBufferPointer { convert($0, into: &output, isLast: false) }
    }

    /// Ends the text: an unfinished character becomes U+FFFD. The decoder must not be used for another text.
    public mutating func finish(into output: inout [UInt8]) {
        let last = rest
        rest = []
        last.withUnsafeBufferPointer { convert($0, into: &output, isLast: true) }
    }

    private mutating func convert(_ octets: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], isLast: Bool) {
        var used = octets.count
        var errors = 0
        switch state {
        case .utf8: used = decodeUTF8(octets, into: &output, errors: &errors)
        case .guessed(var guess):
            used = guess.decode(octets, into: &output, isLast: isLast)
            if guess.hasSome { defects.insert(.undeclaredOctets) }
            state = .guessed(guess)
        case .unknown(let isInRun): decodeUnknown(octets, into: &output, isInRun)
        case .table(let table): errors = table.decode(octets, into: &output)
        case .wide(var wide):
            used = wide.decode(octets, into: &output, errors: &errors)
            state = .wide(wide)
        case .system(let converter, let mendsEuro, let isDoubleByte):
            used = converter.convert(octets, into: &output, errors: &errors, isDoubleByte: isDoubleByte, isLast: isLast)
            {
                mendsEuro && $0 == 0x80 ? 0x20AC : nil
            }
            if isLast { converter.finish(into: &output) }
        case .escaped(var escaped, let converter):
            var pairs = pairsRest
            used = escaped.translate(octets, into: &pairs, isLast: isLast)
            state = .escaped(escaped, converter)
            let done = pairs.withUnsafeBufferPointer {
                converter.convert($0, into: &output, errors: &errors, isDoubleByte: true, isLast: isLast) { _ in nil }
            }
            pairsRest = isLast ? [] : Array(pairs[done...])
            if isLast, done < pairs.count {
                output.append(contentsOf: OctetRuns.replacement)
                errors += 1
            }
            if isLast { converter.finish(into: &output) }
        }
        if used < octets.count {
            if isLast {
                output.append(contentsOf: OctetRuns.replacement)
                errors += 1
            } else {
                rest.append(contentsOf: octets[used...])
            }
        }
        guard errors > 0 else { return }
        replacements += errors
        defects.insert(.invalidOctets)
    }

    private func decodeUTF8(
        _ octets: UnsafeBufferPointer<UInt8>,
        into output: inout [UInt8],
        errors: inout Int
    ) -> Int {
        var position = 0
        while position < octets.count {
            let end = UTF8Sequences.validEnd(octets, from: position)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: octets[position..<end]))
            position = end
            guard position < octets.count else { break }
            let length = UTF8Sequences.length(octets, at: position)
            guard length < 0 else { break }
            output.append(contentsOf: OctetRuns.replacement)
            errors += 1
            position -= length
        }
        return position
    }

    private mutating func decodeUnknown(
        _ octets: UnsafeBufferPointer<UInt8>,
        into output: inout [UInt8],
        _ wasInRun: Bool
    ) {
        defects.insert(.unknownCharset)
        var isInRun = wasInRun
        for octet in octets {
            if octet < 0x80 {
                output.append(octet)
            } else if !isInRun {
                output.append(contentsOf: OctetRuns.replacement)
                replacements += 1
            }
            isInRun = octet >= 0x80
        }
        state = .unknown(isInRun: isInRun)
    }
}

/// Octets of which nobody said what they are: UTF-8 or windows-1252.
struct UndeclaredOctets {
    private var isUTF8: Bool?
    /// Whether there was an octet from 0x80 on.
    var hasSome: Bool { isUTF8 != nil }

    /// Appends the octets as UTF-8. Returns how many were used; the rest may begin a character.
    mutating func decode(_ octets: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], isLast: Bool) -> Int {
        var position = 0
        while position < octets.count {
            if isUTF8 == false {
                _ = SingleByteTable.windows1252.decode(
                    UnsafeBufferPointer(rebasing: octets[position...]),
                    into: &output
                )
                return octets.count
            }
            let end =
                isUTF8 == true
                ? UTF8Sequences.validEnd(octets, from: position) : OctetRuns.asciiEnd(octets, from: position)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: octets[position..<end]))
            position = end
            guard position < octets.count else { break }
            let length = UTF8Sequences.length(octets, at: position)
            if length == 0, !isLast { return position }
            if isUTF8 == nil { isUTF8 = length > 0 }
            guard length <= 0, isUTF8 == true else { continue }
            let single = UnsafeBufferPointer(rebasing: octets[position..<(position + 1)])
            _ = SingleByteTable.windows1252.decode(single, into: &output)
            position += 1
        }
        return position
    }
}
