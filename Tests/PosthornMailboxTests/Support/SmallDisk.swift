import TestSupport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file system of a test's own that is soon full. Only root may mount one.
struct SmallDisk {
    let directory: TemporaryDirectory

    var path: String { directory.path }

    static func mount(kibibytes: Int) async throws -> SmallDisk {
        let directory = try TemporaryDirectory()
        try await run("mount", ["-t", "tmpfs", "-o", "size=\(kibibytes)k,mode=0700", "tmpfs", directory.path])
            .check("mounting a small disk (tests need root, in a container with the right to mount)")
        return SmallDisk(directory: directory)
    }

    func unmount() {
        #if os(Linux)
            // Also if somebody still has a file open.
            umount2(path, 2)
        #endif
    }
}
