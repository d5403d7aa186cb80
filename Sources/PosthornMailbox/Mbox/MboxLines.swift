import Posthorn

/// Goes through the lines of a part of a file, in constant memory.
enum MboxLines {
    /// Gives lines with their ends to `body`. A line longer than `MboxLine.longest` octets may come in several pieces.
    ///
    /// - Parameter body: gets the piece, its place in the file, and whether a line begins with it; ends the walk with `false`.
    /// - Throws: ``MailError`` with code `content-unavailable`; what `body` throws.
    static func forEach(
        of file: OpenFile,
        from start: UInt64,
        to end: UInt64,
        _ body: (UnsafeRawBufferPointer, UInt64, Bool) throws -> Bool
    ) throws {
        var buffer: [UInt8] = []
        var base = start
        var isLineStart = true
        while true {
            let next = base &+ UInt64(buffer.count)
            let room = next < end ? Int(min(end - next, UInt64(ContentChunk.preferredSize))) : 0
            let isLast = try room == 0 || file.read(into: &buffer, at: next, upTo: room) == 0
            var position = 0
            let goesOn = try buffer.withUnsafeBytes { octets in
                while position < octets.count {
                    var feed = LineEndSearch.next(in: octets, from: position)
                    while feed < octets.count, octets[feed] != 0x0A {
                        feed = LineEndSearch.next(in: octets, from: feed + 1)
                    }
                    let isWhole = feed < octets.count
                    // The rest of what was read may be the beginning of a line that matters.
                    if !isWhole, !isLast, isLineStart, octets.count - position <= MboxLine.longest { break }
                    let piece = UnsafeRawBufferPointer(rebasing: octets[position..<(isWhole ? feed + 1 : octets.count)])
                    guard try body(piece, base &+ UInt64(position), isLineStart) else { return false }
                    isLineStart = isWhole
                    position += piece.count
                }
                return true
            }
            guard goesOn, !isLast else { return }
            buffer.removeFirst(position)
            base &+= UInt64(position)
        }
    }
}
