import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads the standard input so that Ctrl-C ends the waiting for somebody who types.
enum StandardInput {
    /// Appends a piece to `buffer`.
    ///
    /// - Returns: `false` at the end.
    /// - Throws: `CancellationError`; ``MailError`` with code `content-unavailable`.
    static func read(into buffer: inout [UInt8]) throws -> Bool {
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        repeat { try Task.checkCancellation() } while poll(&request, 1, 100) == 0
        var piece = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = systemRead(STDIN_FILENO, &piece, piece.count)
            if count > 0 { buffer.append(contentsOf: piece.prefix(count)) }
            if count >= 0 { return count > 0 }
            guard errno == EINTR else {
                throw MailError(
                    .contentUnavailable,
                    "the standard input cannot be read: \(String(cString: strerror(errno)))"
                )
            }
        }
    }
}

private func systemRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.read(descriptor, buffer, count)
    #elseif canImport(Musl)
        Musl.read(descriptor, buffer, count)
    #else
        Darwin.read(descriptor, buffer, count)
    #endif
}
