#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What one of the standard streams can show.
struct Terminal: Sendable {
    /// Whether a person sits before it.
    let isTerminal: Bool
    /// Whether it shows more than ASCII.
    let showsUnicode: Bool
    /// How many columns it has.
    let width: Int

    init(descriptor: CInt) {
        isTerminal = isatty(descriptor) == 1
        showsUnicode = isTerminal && Self.isUTF8
        var size = winsize()
        let found = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        width = found && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Whether the locale says UTF-8: the first of these variables that is set decides (POSIX).
    private static var isUTF8: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { Environment[$0] }.first ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// The mark of something that is well.
    var good: String { showsUnicode ? "✓" : "ok  " }
    /// The mark of something to look at.
    var warning: String { showsUnicode ? "!" : "warn" }
    /// The mark of something that failed.
    var bad: String { showsUnicode ? "✗" : "FAIL" }
}

/// The environment of the process.
enum Environment {
    /// The value of a variable; `nil` if it is not set, or empty.
    static subscript(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
