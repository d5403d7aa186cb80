import Posthorn

/// Makes the octets for an mbox of those of a message (mboxrd): lines end with LF, one `>` is put before every line that
/// is `From ` with any number of `>` before it.
struct MboxEncoder {
    /// Whether the line so far is a number of `>` alone.
    private var isInQuotes = true
    /// How much of `From ` has come behind them.
    private var progress = 0
    private var pendingCR = false
    /// Whether the last octet was a line's end.
    private(set) var endsLine = true

    /// Appends what stands for the octets.
    mutating func encode(_ octets: UnsafeRawBufferPointer, into result: inout [UInt8]) {
        var position = 0
        while position < octets.count {
            if pendingCR {
                pendingCR = false
                if octets[position] == 0x0A {
                    endLine(into: &result)
                    position += 1
                    continue
                }
                take(0x0D, into: &result)
            }
            let octet = octets[position]
            if isInQuotes {
                position += 1
                switch octet {
                case 0x0D: pendingCR = true
                case 0x0A: endLine(into: &result)
                default: take(octet, into: &result)
                }
                continue
            }
            let end = LineEndSearch.next(in: octets, from: position)
            result.append(contentsOf: UnsafeRawBufferPointer(rebasing: octets[position..<end]))
            guard end < octets.count else { return }
            if octets[end] == 0x0D { pendingCR = true } else { endLine(into: &result) }
            position = end + 1
        }
    }

    /// Appends what was held back, and ends the last line.
    mutating func finish(into result: inout [UInt8]) {
        if pendingCR {
            pendingCR = false
            take(0x0D, into: &result)
        }
        if !endsLine { endLine(into: &result) }
    }

    /// Takes an octet of a line that is no line's end.
    private mutating func take(_ octet: UInt8, into result: inout [UInt8]) {
        endsLine = false
        guard isInQuotes else { return result.append(octet) }
        if progress == 0, octet == UInt8(ascii: ">") {
            return result.append(octet)
        }
        if octet == MboxLine.mark[progress] {
            progress += 1
            guard progress == MboxLine.mark.count else { return }
            // All are alike: one more behind the others is one more before them.
            result.append(UInt8(ascii: ">"))
            return release(into: &result)
        }
        release(into: &result)
        result.append(octet)
    }

    private mutating func release(into result: inout [UInt8]) {
        result.append(contentsOf: MboxLine.mark[..<progress])
        (progress, isInQuotes) = (0, false)
    }

    private mutating func endLine(into result: inout [UInt8]) {
        release(into: &result)
        result.append(0x0A)
        (isInQuotes, endsLine) = (true, true)
    }
}
