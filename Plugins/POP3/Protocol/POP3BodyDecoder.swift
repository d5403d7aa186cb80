/// Takes the lines behind the first one of a multi-line reply (RFC 1939 section 3): undoes the stuffing of dots and finds
/// the end. No I/O, and nothing is kept but a place in five octets.
///
/// Only CR LF `.` CR LF ends a body, and only behind CR LF (or at the very beginning) does a dot begin a line: a lone LF is
/// content like any other octet, so that no message can end itself early and go on as a reply of the server.
struct POP3BodyDecoder {
    private enum Place {
        /// Inside of a line.
        case line
        /// Behind CR.
        case carriageReturn
        /// At the beginning of a line.
        case lineStart
        /// Behind the dot that begins a line. The dot is held back.
        case dot
        /// Behind that dot and a CR. Both are held back.
        case dotCarriageReturn
    }

    private var place = Place.lineStart
    /// Whether the end has been seen.
    private(set) var isAtEnd = false

    /// Takes octets from the front of `input` and appends what they mean to `output`.
    ///
    /// - Returns: how many octets were used: all of them, unless the end was among them. What follows the end stays.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Int {
        var position = 0
        while position < input.count, !isAtEnd {
            if place == .line {
                position = copyLines(input, from: position, into: &output)
            } else {
                step(input[position], into: &output)
                position &+= 1
            }
        }
        return position
    }

    /// Copies up to the next line that begins with a dot, or to the end of what is there.
    private mutating func copyLines(
        _ input: UnsafeRawBufferPointer,
        from start: Int,
        into output: inout [UInt8]
    ) -> Int {
        if let found = input.firstDottedLine(from: start) {
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[start..<(found &+ 2)]))
            place = .dot
            return found &+ 3
        }
        let rest = UnsafeRawBufferPointer(rebasing: input[start...])
        output.append(contentsOf: rest)
        if rest.last == 0x0D {
            place = .carriageReturn
        } else if rest.count >= 2, rest[rest.count &- 2] == 0x0D, rest.last == 0x0A {
            place = .lineStart
        }
        return input.count
    }

    private mutating func step(_ octet: UInt8, into output: inout [UInt8]) {
        switch (place, octet) {
        case (.lineStart, UInt8(ascii: ".")):
            place = .dot
            return
        case (.dot, 0x0D):
            place = .dotCarriageReturn
            return
        case (.dotCarriageReturn, 0x0A):
            isAtEnd = true
            return
        case (.dotCarriageReturn, _):
            // The dot was there because of the rule; the CR is content.
            output.append(0x0D)
            place = octet == 0x0D ? .carriageReturn : .line
        case (.carriageReturn, 0x0A): place = .lineStart
        default: place = octet == 0x0D ? .carriageReturn : .line
        }
        output.append(octet)
    }
}
