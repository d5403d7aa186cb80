import Posthorn

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
            let next = LineEndSearch.next(in: input, from: position, or: UInt8(ascii: "="))
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
        // White space behind `=` goes on: what came before was looked at already.
        if !isComplete, Self.isSpace(last), pending.count == 2 || Self.isSpace(pending[pending.count - 2]) {
            if pending.count > Self.mostPending { leave(into: &output) }
            return
        }
        let rest = pending.dropFirst()
        let afterSpace = rest.drop(while: Self.isSpace)
        switch afterSpace.first {
        case nil:
            // A soft line break at the very end, or one that white space was added to.
            guard isComplete else { return }
            if rest.isEmpty { defects.insert(.truncated) }
            pending.removeAll(keepingCapacity: true)
        case 0x0A: pending.removeAll(keepingCapacity: true)
        case 0x0D:
            if afterSpace.count == 1, !isComplete { return }
            // CR alone ends a line as well; what follows it is no part of the escape.
            let follows = afterSpace.dropFirst().first
            pending.removeAll(keepingCapacity: true)
            if let follows, follows != 0x0A { again(follows, into: &output) }
        case let octet?:
            // One of two digits is not enough to decide.
            if rest.count == 1, HexDigit.value(octet) != nil, !isComplete { return }
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
        guard let high = HexDigit.value(high), let low = HexDigit.value(low) else { return nil }
        return high << 4 | low
    }
}
