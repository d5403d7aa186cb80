import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Calls the `openssl` program, and keeps the directory that it writes to.
enum OpenSSLProgram {
    /// A failed call.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let directories = Mutex<[String]>([])

    /// A new directory that is removed when the process ends.
    static func makeDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("posthorn-certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        directories.withLock { list in
            if list.isEmpty {
                atexit {
                    for path in OpenSSLProgram.directories.withLock({ $0 }) {
                        try? FileManager.default.removeItem(atPath: path)
                    }
                }
            }
            list.append(directory.path)
        }
        return directory
    }

    /// Runs `openssl` with the arguments to its end; a few milliseconds.
    static func run(_ arguments: [String]) throws {
        let log = FileManager.default.temporaryDirectory
            .appendingPathComponent("posthorn-openssl-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: log) }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words: [UnsafeMutablePointer<CChar>?] = (["openssl"] + arguments).map { strdup($0) }
        words.append(nil)
        defer { words.forEach { free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = ProcessInfo.processInfo.environment.map {
            strdup("\($0.key)=\($0.value)")
        }
        environment.append(nil)
        defer { environment.forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, "openssl", &actions, nil, words, environment)
        guard result == 0 else {
            throw Failure(description: "the program `openssl` does not start: \(String(cString: strerror(result)))")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1 {
            guard errno == EINTR else { throw Failure(description: "waiting for `openssl` failed") }
        }
        guard status == 0 else {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw Failure(description: "openssl \(arguments.joined(separator: " ")) failed:\n\(text)")
        }
    }
}
