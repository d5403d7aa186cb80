#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file without a name, which is gone when its descriptor is closed.
final class ScratchFile: Sendable {
    let descriptor: Int32

    init(_ contents: [UInt8] = []) throws {
        descriptor = Self.open()
        guard descriptor >= 0 else { throw SupportError.system("making a temporary file", errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        var written = 0
        while written < contents.count {
            let count = contents.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count > 0 else { throw SupportError.system("write", errno) }
            written += count
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    private static func open() -> Int32 {
        #if canImport(Glibc)
            // O_TMPFILE, which the headers show only with `_GNU_SOURCE`: a file that never has a name.
            let nameless = Glibc.open("/tmp", 0o20000000 | O_DIRECTORY | O_RDWR, 0o600)
            if nameless >= 0 { return nameless }
        #endif
        var template = Array("/tmp/ph-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        unlink(template)
        return descriptor
    }

    deinit {
        close(descriptor)
    }

    func contents() throws -> [UInt8] {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw SupportError.system("fstat", errno) }
        let size = Int(information.st_size)
        var bytes = [UInt8](repeating: 0, count: max(size, 0))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(done))
            }
            guard count > 0 else { break }
            done += count
        }
        return Array(bytes.prefix(done))
    }
}
