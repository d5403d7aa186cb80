#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension UnsafeRawBufferPointer {
    /// The position of the first LF at or behind `start`.
    func firstLineFeed(from start: Int) -> Int? {
        guard start >= 0, start < count, let base = baseAddress else { return nil }
        guard let hit = memchr(base + start, 0x0A, count &- start) else { return nil }
        return UnsafeRawPointer(hit) - base
    }

    /// The position of the first CR LF `.` at or behind `start`: where a line begins with a dot.
    func firstDottedLine(from start: Int) -> Int? {
        var position = start
        while let feed = firstLineFeed(from: position) {
            if feed &+ 1 < count, self[feed &+ 1] == 0x2E, feed > start, self[feed &- 1] == 0x0D { return feed &- 1 }
            position = feed &+ 1
        }
        return nil
    }
}
