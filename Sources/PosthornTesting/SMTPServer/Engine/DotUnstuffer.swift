/// Finds the end of a message sent by DATA, and takes the stuffed dots away (RFC 5321 section 4.5.2).
///
/// Strict: only CRLF "." CRLF ends the message; everything that looks similar is content, and is noted.
struct DotUnstuffer {
    private enum State {
        case lineStart, dot, dotCarriageReturn, text, carriageReturn
    }

    /// What was wrong with the octets.
    struct Faults: OptionSet {
        let rawValue: Int
        static let loneCarriageReturn = Faults(rawValue: 1)
        static let loneLineFeed = Faults(rawValue: 2)
        static let unstuffedDot = Faults(rawValue: 4)
        static let longLine = Faults(rawValue: 8)
    }

    private var state = State.lineStart
    private var lineLength = 0
    private(set) var faults: Faults = []

    /// Takes octets.
    ///
    /// - Parameter emit: Gets the content, piece by piece.
    /// - Returns: how many octets were used, and whether the end of the message was among them.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        emit: (UnsafeRawBufferPointer) -> Void
    ) -> (used: Int, isEnd: Bool) {
        var position = 0
        while position < bytes.count {
            let octet = bytes[position]
            switch state {
            case .lineStart:
                lineLength = 0
                if octet == UInt8(ascii: ".") {
                    state = .dot
                    position += 1
                } else {
                    state = .text
                }
            case .dot:
                if octet == UInt8(ascii: "\r") {
                    state = .dotCarriageReturn
                    position += 1
                } else {
                    if octet != UInt8(ascii: ".") { faults.insert(.unstuffedDot) }
                    if octet == UInt8(ascii: ".") {
                        emit(UnsafeRawBufferPointer(rebasing: bytes[position...position]))
                        lineLength += 1
                        position += 1
                    }
                    state = .text
                }
            case .dotCarriageReturn:
                if octet == UInt8(ascii: "\n") { return (position + 1, true) }
                faults.formUnion([.loneCarriageReturn, .unstuffedDot])
                Self.emitCarriageReturn(emit)
                state = .text
            case .carriageReturn:
                Self.emitCarriageReturn(emit)
                if octet == UInt8(ascii: "\n") {
                    emit(UnsafeRawBufferPointer(rebasing: bytes[position...position]))
                    position += 1
                    state = .lineStart
                } else {
                    faults.insert(.loneCarriageReturn)
                    state = .text
                }
            case .text:
                position = takeText(bytes, from: position, emit)
            }
        }
        return (position, false)
    }

    /// Takes octets up to the next CR that needs a look: whole lines pass in one piece.
    private mutating func takeText(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        var position = start
        var end = bytes.count
        while true {
            end = Octets.first(UInt8(ascii: "\r"), in: bytes, position..<bytes.count) ?? bytes.count
            if Octets.first(UInt8(ascii: "\n"), in: bytes, position..<end) != nil { faults.insert(.loneLineFeed) }
            lineLength += end - position
            if lineLength > 998 { faults.insert(.longLine) }
            guard end < bytes.count - 2, bytes[end + 1] == UInt8(ascii: "\n"), bytes[end + 2] != UInt8(ascii: ".")
            else { break }
            position = end + 2
            lineLength = 0
        }
        if start < end { emit(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
        guard end < bytes.count else { return end }
        state = .carriageReturn
        return end + 1
    }

    private static func emitCarriageReturn(_ emit: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: UInt8(ascii: "\r")) { emit($0) }
    }
}
