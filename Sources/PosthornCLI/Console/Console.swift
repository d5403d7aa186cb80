import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The only way on which the tool says anything: results on the standard output, everything else on the standard error.
final class Console: Sendable {
    /// Whether results are JSON for machines.
    let isJSON: Bool
    /// What the standard output can show.
    let output: Terminal
    /// What the standard error can show.
    let errors: Terminal

    /// Whether something could not be written to the standard output, such as a full disk.
    private let failure = Mutex<CInt?>(nil)

    init(isJSON: Bool) {
        self.isJSON = isJSON
        output = Terminal(descriptor: STDOUT_FILENO)
        errors = Terminal(descriptor: STDERR_FILENO)
    }

    /// The system's error number, if the standard output took less than it should.
    var outputFailure: CInt? { failure.withLock { $0 } }

    /// A line of the result, for people. Says nothing if machines listen.
    func say(_ line: String = "") {
        guard !isJSON else { return }
        write(line + "\n")
    }

    /// A text of the result as it is, for people and machines alike.
    func write(_ text: String) {
        // Two tasks never mix their lines.
        failure.withLock { failure in
            failure = failure ?? Self.write(text, to: STDOUT_FILENO)
        }
    }

    /// An object of the result, on one line. Says nothing if people listen.
    func emit(_ value: JSONValue) {
        guard isJSON else { return }
        write(value.line + "\n")
    }

    /// A line beside the result: a note, a progress, a transcript.
    func note(_ line: String) {
        _ = Self.write(line + "\n", to: STDERR_FILENO)
    }

    /// Octets that draw on the terminal of the standard error.
    func draw(_ text: String) {
        _ = Self.write(text, to: STDERR_FILENO)
    }

    /// - Returns: the system's error number, `nil` if all is well.
    private static func write(_ text: String, to descriptor: CInt) -> CInt? {
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    Musl.write(descriptor, buffer.baseAddress, buffer.count)
                #else
                    Darwin.write(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            octets = octets.dropFirst(count)
        }
        return nil
    }
}
