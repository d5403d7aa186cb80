/// Quoted-printable (RFC 2045 section 6.7) in pieces of any size.
///
/// White space at the end of a line was added on the way and is taken away; what is no escape is left as it is.
struct QuotedPrintableDecoder {
    /// What was wrong so far.
    private(set) var defects: TransferDefects = []

    /// What came and is not decided on: `=` and what follows it, or white space that may be at the end of a line.
    private var pending: [UInt8] = []

    /// Whether a run of white space was too long to wait, so that all of it stays.
    private var isInLongSpace = false

    /// How many octets wait for a decision at most.
    private static let mostPending = 4_096

    /// Appends what a piece decodes to.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var position = 0
        // A decision that was open needs a few octets more.
        while !pending.isEmpty, position < input.count {
            pending.append(input[position])
            position += 1
            settle(isComplete: false, into: &output)
        }
        while position < input.count {
            if isInLongSpace {
                while position < input.count, Self.isSpace(input[position]) {
                    output.append(input[position])
                    position += 1
                }
                guard position < input.count else { return }
                isInLongSpace = false
                if input[position] == 0x0A || input[position] == 0x0D { defects.insert(.longWhiteSpace) }
            }
            let next = Search.next(in: input, from: position)
            // White space in front of what was found waits with it.
            var end = next
            while end > position, Self.isSpace(input[end - 1]) { end -= 1 }
            let isLong = next - end > Self.mostPending
            let isLineEnd = next < input.count && input[next] != 0x3D
            if isLong, isLineEnd { defects.insert(.longWhiteSpace) }
            let kept = isLong || next < input.count && !isLineEnd ? next : end
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[position..<kept]))
            position = next
            guard next < input.count else {
                pending.append(contentsOf: input[kept..<next])
                isInLongSpace = isLong
                return
            }
            if isLineEnd {
                output.append(input[next])
                position += 1
            } else {
                escape(input, &position, into: &output)
            }
        }
    }

    /// The input is complete: appends what is left.
    mutating func finish(into output: inout [UInt8]) {
        settle(isComplete: true, into: &output)
        if isInLongSpace { defects.insert(.longWhiteSpace) }
    }

    /// An escape of which all may be there.
    private mutating func escape(
        _ input: UnsafeRawBufferPointer,
        _ position: inout Int,
        into output: inout [UInt8]
    ) {
        if position + 2 < input.count, let value = Self.value(input[position + 1], input[position + 2]) {
            output.append(value)
            position += 3
            return
        }
        if position + 2 < input.count, input[position + 1] == 0x0D, input[position + 2] == 0x0A {
            position += 3
            return
        }
        // Something else, or the end of the piece.
        repeat {
            pending.append(input[position])
            position += 1
            settle(isComplete: false, into: &output)
        } while !pending.isEmpty && position < input.count
    }

    /// Decides on what is pending, if it can be.
    private mutating func settle(isComplete: Bool, into output: inout [UInt8]) {
        guard let first = pending.first, let last = pending.last else { return }
        guard first == 0x3D else { return settleSpace(last, isComplete: isComplete, into: &output) }
        if pending.count == 3, let value = Self.value(pending[1], pending[2]) {
            output.append(value)
            pending.removeAll(keepingCapacity: true)
            return
        }
        let rest = pending.dropFirst()
        let afterSpace = rest.drop(while: Self.isSpace)
        switch afterSpace.first {
        case nil:
            // A soft line break at the very end, or one that white space was added to.
            if isComplete {
                if rest.isEmpty { defects.insert(.truncated) }
                pending.removeAll(keepingCapacity: true)
            } else if pending.count > Self.mostPending {
                leave(into: &output)
            }
        case 0x0A: pending.removeAll(keepingCapacity: true)
        case 0x0D:
            if afterSpace.count == 1, !isComplete { return }
            // CR alone ends a line as well; what follows it is no part of the escape.
            let follows = afterSpace.dropFirst().first
            pending.removeAll(keepingCapacity: true)
            if let follows, follows != 0x0A { again(follows, into: &output) }
        case let octet?:
            // One of two digits is not enough to decide.
            if rest.count == 1, Self.digit(octet) != nil, !isComplete { return }
            leave(into: &output)
        }
    }

    private mutating func settleSpace(_ last: UInt8, isComplete: Bool, into output: inout [UInt8]) {
        if Self.isSpace(last) {
            if isComplete {
                pending.removeAll(keepingCapacity: true)
            } else if pending.count > Self.mostPending {
                output.append(contentsOf: pending)
                pending.removeAll(keepingCapacity: true)
                isInLongSpace = true
            }
            return
        }
        pending.removeLast()
        if last != 0x0A, last != 0x0D { output.append(contentsOf: pending) }
        pending.removeAll(keepingCapacity: true)
        again(last, into: &output)
    }

    /// What is pending is no escape: `=` stays, and the rest is looked at again.
    private mutating func leave(into output: inout [UInt8]) {
        defects.insert(.malformedEscape)
        let rest = pending.dropFirst()
        pending.removeAll(keepingCapacity: true)
        output.append(0x3D)
        for octet in rest {
            pending.isEmpty ? again(octet, into: &output) : pending.append(octet)
            if pending.count > 1 { settle(isComplete: false, into: &output) }
        }
    }

    /// One octet from the beginning.
    private mutating func again(_ octet: UInt8, into output: inout [UInt8]) {
        if octet == 0x3D || Self.isSpace(octet) { pending.append(octet) } else { output.append(octet) }
    }

    private static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    private static func value(_ high: UInt8, _ low: UInt8) -> UInt8? {
        guard let high = digit(high), let low = digit(low) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x37
        case 0x61...0x66: octet - 0x57
        default: nil
        }
    }

    /// Finds `=` and line ends, sixteen octets at a time.
    private enum Search {
        static func next(in octets: UnsafeRawBufferPointer, from start: Int) -> Int {
            let equals = SIMD16<UInt8>(repeating: 0x3D)
            let lineFeed = SIMD16<UInt8>(repeating: 0x0A)
            let carriageReturn = SIMD16<UInt8>(repeating: 0x0D)
            var position = start
            while position &+ 16 <= octets.count {
                let some = octets.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
                let found = (some .== equals) .| (some .== lineFeed) .| (some .== carriageReturn)
                let words = unsafeBitCast(found, to: SIMD2<UInt64>.self)
                // The least significant octet is the first one in memory.
                let low = words[0].littleEndian
                if low != 0 { return position &+ low.trailingZeroBitCount / 8 }
                let high = words[1].littleEndian
                if high != 0 { return position &+ 8 &+ high.trailingZeroBitCount / 8 }
                position &+= 16
            }
            while position < octets.count, octets[position] != 0x3D, octets[position] != 0x0A, octets[position] != 0x0D
            {
                position &+= 1
            }
            return position
        }
    }
}
