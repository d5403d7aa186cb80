import Posthorn

/// Makes the octets of a message of those in an mbox: every line ends with CRLF, and one `>` is taken from lines that
/// were quoted.
struct MboxDecoder {
    /// Whether `>From ` stands for `From `. Not so in messages that are delimited by their length alone (mboxcl2).
    var unquotes = true

    /// How many octets of a possible quote the line has begun with: 0 at its beginning, 1 after `>`s, 2 after `F` …
    private var progress = 0
    /// Whether the line began with `>`, one of which is held back.
    private var isHolding = false
    private var isLineStart = true
    private var endsWithCR = false

    init(unquotes: Bool = true) {
        self.unquotes = unquotes
    }

    /// Appends what the octets stand for.
    mutating func decode(_ octets: UnsafeRawBufferPointer, into result: inout [UInt8]) {
        var position = 0
        while position < octets.count {
            if isLineStart, takeBeginning(octets[position], into: &result) {
                position += 1
                continue
            }
            let end = LineEndSearch.next(in: octets, from: position)
            if end > position {
                result.append(contentsOf: UnsafeRawBufferPointer(rebasing: octets[position..<end]))
                endsWithCR = false
            }
            guard end < octets.count else { return }
            if octets[end] == 0x0D {
                result.append(0x0D)
                endsWithCR = true
            } else {
                if !endsWithCR { result.append(0x0D) }
                result.append(0x0A)
                endsWithCR = false
                isLineStart = true
            }
            position = end + 1
        }
    }

    /// Appends what was held back. There is nothing after it.
    mutating func finish(into result: inout [UInt8]) {
        release(into: &result)
    }

    /// Looks at an octet of a line's beginning.
    ///
    /// - Returns: `false` if it is nothing special; the beginning is over then.
    private mutating func takeBeginning(_ octet: UInt8, into result: inout [UInt8]) -> Bool {
        guard unquotes else {
            isLineStart = false
            return false
        }
        if progress == 0, octet == UInt8(ascii: ">") {
            // All are alike: the first is held back, and those behind it may go before it.
            if isHolding { result.append(octet) }
            isHolding = true
            endsWithCR = false
            return true
        }
        guard isHolding, octet == MboxLine.mark[progress] else {
            release(into: &result)
            return false
        }
        progress += 1
        guard progress == MboxLine.mark.count else { return true }
        // It was quoted: the one that was held back is dropped.
        isHolding = false
        result.append(contentsOf: MboxLine.mark)
        (progress, isLineStart) = (0, false)
        return true
    }

    private mutating func release(into result: inout [UInt8]) {
        if isHolding { result.append(UInt8(ascii: ">")) }
        result.append(contentsOf: MboxLine.mark[..<progress])
        if isHolding || progress > 0 { endsWithCR = false }
        (isHolding, progress, isLineStart) = (false, 0, false)
    }
}
