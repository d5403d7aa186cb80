#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What went wrong in the test infrastructure itself: a program that is missing, a server that did not start.
package struct SupportError: Error, CustomStringConvertible {
    /// One sentence, with the logs that explain it.
    package var description: String

    /// Makes an error of a sentence.
    package init(_ description: String) {
        self.description = description
    }

    /// The error of a failed system call, with the text of `errno`.
    package static func system(_ call: String, _ code: Int32) -> SupportError {
        SupportError("\(call) failed: \(String(cString: strerror(code)))")
    }
}
