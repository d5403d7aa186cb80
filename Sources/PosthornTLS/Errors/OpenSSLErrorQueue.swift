import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The errors that OpenSSL left on this thread's queue, taken off it.
struct OpenSSLErrorQueue {
    /// One entry of the queue.
    struct Entry {
        let code: UInt

        var library: Int32 { ph_ERR_GET_LIB(code) }
        var reason: Int32 { ph_ERR_GET_REASON(code) }
        /// The `errno` of a failed system call.
        var systemError: Int32? { ph_ERR_SYSTEM_ERROR(code) == 1 ? ph_ERR_GET_REASON(code) : nil }

        var text: String {
            if let systemError { return String(cString: strerror(systemError)) }
            guard let reason = ERR_reason_error_string(code) else { return "error \(code)" }
            return String(cString: reason)
        }
    }

    /// Oldest first; at most 16.
    let entries: [Entry]

    /// Takes everything off the queue.
    static func take() -> OpenSSLErrorQueue {
        var entries: [Entry] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { break }
            if entries.count < 16 { entries.append(Entry(code: code)) }
        }
        return OpenSSLErrorQueue(entries: entries)
    }

    func contains(library: Int32, reason: Int32) -> Bool {
        entries.contains { $0.library == library && $0.reason == reason }
    }

    var systemError: Int32? { entries.lazy.compactMap(\.systemError).first }

    /// The library's own words, for the detail of an error.
    var text: String { entries.map(\.text).joined(separator: "; ") }
}
