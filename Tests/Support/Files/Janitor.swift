import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Removes the temporary directories of a test process that was killed before it could do so.
///
/// A small Python program reads the directories' names from a pipe. The other end of the pipe is open in the test
/// process only; so when that one ends, in whatever way, the program sees the end of the file, removes what is left,
/// and ends.
final class Janitor: Sendable {
    static let shared = Janitor()

    private struct State {
        var control: Int32?
    }

    private let state = Mutex(State())

    /// Has a directory removed when the test process ends.
    func watch(_ path: String) throws {
        try state.withLock { state in
            if state.control == nil {
                state.control = try Self.start()
            }
            Self.tell(state.control, "+\(path)\n")
        }
    }

    /// Says that a directory is gone.
    func forget(_ path: String) {
        state.withLock { Self.tell($0.control, "-\(path)\n") }
    }

    private static func tell(_ control: Int32?, _ line: String) {
        guard let control else { return }
        let bytes = Array(line.utf8)
        // Shorter than PIPE_BUF, so the line arrives whole or, when the janitor was killed, not at all.
        _ = bytes.withUnsafeBytes { write(control, $0.baseAddress, $0.count) }
    }

    private static func start() throws -> Int32 {
        let pipe = try PipeEnds.make()
        defer { close(pipe.readEnd) }
        _ = try Spawn.start(
            try Python.interpreter(),
            arguments: ["-I", "-S", "-c", script],
            standardInput: pipe.readEnd,
            ownSession: true
        )
        return pipe.writeEnd
    }

    private static let script = """
        import os, shutil, signal, sys, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.chdir("/")
        paths = set()
        for line in sys.stdin:
            (paths.add if line[0] == "+" else paths.discard)(line[1:-1])
        deadline = time.monotonic() + 15
        while paths and time.monotonic() < deadline:
            for path in list(paths):
                shutil.rmtree(path, ignore_errors=True)
                if not os.path.lexists(path):
                    paths.discard(path)
            time.sleep(0.05)
        """
}
