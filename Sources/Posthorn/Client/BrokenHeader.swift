/// A header that breaks off at a line that is no field, though more fields follow.
///
/// What follows would travel as text of the body, a Bcc among it.
enum BrokenHeader {
    /// Looks at the lines between the end of the header and the first empty line.
    ///
    /// - Parameters:
    ///   - block: the header.
    ///   - reader: gives the octets after `octets`.
    ///   - octets: all octets that were read so far, from the first one on.
    /// - Throws: ``MailError`` with code `invalid-message`, naming the line, if there are header fields; what the reader
    ///   throws.
    static func check(
        _ block: HeaderBlock,
        _ reader: inout any ContentReader,
        _ octets: [UInt8]
    ) async throws {
        guard !block.hasSeparator, block.bodyOffset < octets.count else { return }
        let lineNumber = lineEnds(in: octets[..<block.bodyOffset]) + 1
        var rest = Array(octets[block.bodyOffset...])
        while rest.count < HeaderBlock.largestSize, try await reader.readSome(into: &rest) {}
        var lines = rest[...].split(omittingEmptySubsequences: false) { $0 == 0x0A || $0 == 0x0D }[...]
        // The line ends of this message may be CRLF, LF or CR: an empty piece between CR and LF is no line.
        var isFirst = true
        while let line = lines.popFirst() {
            defer { isFirst = false }
            if line.isEmpty {
                let isWithinLineEnd =
                    line.startIndex > 0 && line.startIndex < rest.count && rest[line.startIndex - 1] == 0x0D
                    && rest[line.startIndex] == 0x0A
                guard isWithinLineEnd else { return }
                continue
            }
            guard isFirst || !HeaderBlockScanner.isFieldStart(line) else {
                throw MailError(
                    .invalidMessage,
                    "line \(lineNumber) of the message is no header field, though header fields follow; correct it, or "
                        + "put an empty line before it if the text of the message begins there"
                )
            }
        }
    }

    private static func lineEnds(in octets: ArraySlice<UInt8>) -> Int {
        var count = 0
        var previous: UInt8 = 0
        for octet in octets {
            if octet == 0x0D || (octet == 0x0A && previous != 0x0D) { count += 1 }
            previous = octet
        }
        return count
    }
}
