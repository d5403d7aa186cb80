package import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A program that runs beside a test: a server, or a command that the test wants to kill.
///
/// It is stopped, with everything that it started, by `stop()`, when the value goes away, when the test process exits,
/// and when the test process is killed.
package final class ManagedProcess: Sendable {
    /// The program's name, for messages.
    package let name: String
    /// The process id of the program itself.
    package let pid: pid_t
    private let supervision: Supervision
    private let scratch: ScratchFile

    private init(name: String, pid: pid_t, supervision: Supervision, scratch: ScratchFile) {
        self.name = name
        self.pid = pid
        self.supervision = supervision
        self.scratch = scratch
    }

    deinit {
        supervision.end(atOnce: false)
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: A path, or a name that is looked up in `PATH` and `/usr/sbin`.
    ///   - environment: Added to the environment of the test process.
    ///   - grace: How long after SIGTERM before SIGKILL follows.
    package static func start(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: URL? = nil,
        grace: Duration = .seconds(5)
    ) async throws -> ManagedProcess {
        let scratch = try ScratchFile()
        let supervision = try Supervision.start(
            program,
            arguments: arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            directory: directory?.path,
            output: scratch.descriptor,
            grace: grace
        )
        do {
            let pid = try await eventually("\(program) to start", within: .seconds(20)) {
                let state = supervision.current
                if let failure = state.failure { throw SupportError("\(program) could not be started: \(failure)") }
                return state.pid
            }
            return ManagedProcess(name: program, pid: pid, supervision: supervision, scratch: scratch)
        } catch {
            supervision.end(atOnce: true)
            throw error
        }
    }

    /// How the program ended, or `nil` while it runs.
    package var status: ExitStatus? { supervision.current.status }

    /// Whether neither the program nor anything that it started is left.
    package var isGone: Bool { supervision.current.isGone }

    /// What the program has written so far to its standard output and standard error.
    package func output() throws -> String {
        String(decoding: try scratch.contents(), as: UTF8.self)
    }

    /// Sends a signal to the program itself, unless it has ended.
    package func signal(_ number: Int32) {
        guard status == nil else { return }
        kill(pid, number)
    }

    /// Waits until the program ends by itself.
    package func waitForExit(within limit: Duration = .seconds(30)) async throws -> ExitStatus {
        try await eventually("\(name) to end", within: limit) { self.status }
    }

    /// Waits until something accepts connections on a port of 127.0.0.1.
    package func waitUntilListening(on port: Int, within limit: Duration = .seconds(20)) async throws {
        try await waitUntil("listens on port \(port)", within: limit) { Loopback.isListening(on: port) }
    }

    /// Waits until the program has written a text.
    package func waitForOutput(containing text: String, within limit: Duration = .seconds(20)) async throws {
        try await waitUntil("writes '\(text)'", within: limit) { try self.output().contains(text) }
    }

    /// Waits for a condition; throws, with the program's output, when time is up or the program has ended before.
    package func waitUntil(
        _ what: String,
        within limit: Duration = .seconds(20),
        _ condition: @Sendable () throws -> Bool
    ) async throws {
        do {
            _ = try await eventually("\(name) \(what)", within: limit) { () -> Bool? in
                if try condition() { return true }
                if let status = self.status { throw SupportError("\(self.name) ended with \(status)") }
                return nil
            }
        } catch let error as SupportError {
            throw SupportError("\(error): \(try output().suffix(4000))")
        }
    }

    /// Stops the program and everything that it started, and returns when nothing of it is left.
    ///
    /// - Parameter atOnce: SIGKILL at once, in place of SIGTERM first.
    package func stop(atOnce: Bool = false) async {
        supervision.end(atOnce: atOnce)
        // Not cancellable: a cancelled test leaves nothing behind either.
        while !isGone {
            await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value
        }
    }
}
