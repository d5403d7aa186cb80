package import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A directory of a test's own, removed with everything in it when the value goes away, and also when the test process
/// ends or is killed.
///
/// The path is short (`/tmp/ph-a1b2c3`), because the path of a Unix domain socket must fit into 108 bytes.
package final class TemporaryDirectory: Sendable {
    /// Where the directory is.
    package let url: URL

    /// The path as text.
    package var path: String { url.path }

    /// Makes an empty directory that only this user may enter.
    ///
    /// - Parameter permissions: The mode; servers that run as another user need `0o755`.
    package init(permissions: mode_t = 0o700) throws {
        var template = Array("/tmp/ph-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SupportError.system("mkdtemp", errno)
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, permissions)
        self.url = URL(filePath: path, directoryHint: .isDirectory)
        try Janitor.shared.watch(path)
    }

    deinit {
        remove()
    }

    /// Removes the directory now; does nothing when it is gone.
    package func remove() {
        Self.removeTree(url.path)
        Janitor.shared.forget(url.path)
    }

    /// The address of a file in the directory.
    package func file(_ name: String) -> URL {
        url.appending(path: name, directoryHint: .notDirectory)
    }

    /// Writes a file into the directory and returns its address.
    @discardableResult
    package func write(_ text: String, to name: String, permissions: mode_t = 0o644) throws -> URL {
        try write(Array(text.utf8), to: name, permissions: permissions)
    }

    /// Writes a file into the directory and returns its address.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String, permissions: mode_t = 0o644) throws -> URL {
        let url = file(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
        chmod(url.path, permissions)
        return url
    }

    /// Runs a closure with a directory that is removed when the closure returns or throws.
    package static func with<Result>(
        permissions: mode_t = 0o700,
        _ body: (TemporaryDirectory) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory(permissions: permissions)
        defer { directory.remove() }
        return try await body(directory)
    }

    /// Removes a tree; a server that is just going down may still write into it, so a second and third look may be needed.
    private static func removeTree(_ path: String) {
        for _ in 0..<50 {
            try? FileManager.default.removeItem(atPath: path)
            guard access(path, F_OK) == 0 else { return }
            usleep(20_000)
        }
    }
}
