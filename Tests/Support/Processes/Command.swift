package import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What a program did that ran to its end.
package struct CommandResult: Sendable {
    /// How it ended.
    package var status: ExitStatus
    /// Everything that it wrote to its standard output.
    package var outputBytes: [UInt8]
    /// Everything that it wrote to its standard error.
    package var errorBytes: [UInt8]

    /// The output as text.
    package var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// The error output as text.
    package var errorOutput: String { String(decoding: errorBytes, as: UTF8.self) }
    /// Whether the program returned 0.
    package var isSuccess: Bool { status.isSuccess }

    /// Throws, with the program's error output, unless it returned 0.
    @discardableResult
    package func check(_ what: String = "the program") throws -> CommandResult {
        guard isSuccess else {
            throw SupportError("\(what) ended with \(status): \(errorOutput.suffix(4000))\(output.suffix(4000))")
        }
        return self
    }
}

/// Runs a program to its end, in a process group of its own, without blocking a thread of the cooperative pool.
///
/// - Parameters:
///   - program: A path, or a name that is looked up in `PATH`.
///   - environment: Added to the environment of the test process.
///   - input: Its standard input; empty by default.
///   - timeout: After this the whole group is killed, and the call throws.
/// - Throws: `SupportError` when the program cannot be started or takes too long, `CancellationError` when the task is
///   cancelled (the program is killed). A code other than 0 is no error: see `CommandResult.check()`.
package func run(
    _ program: String,
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    directory: URL? = nil,
    input: [UInt8] = [],
    timeout: Duration = .seconds(60)
) async throws -> CommandResult {
    // Files and not pipes: a file takes any amount, so nobody has to read while the program runs.
    let standardInput = try ScratchFile(input)
    let standardOutput = try ScratchFile()
    let standardError = try ScratchFile()
    let pid = try Spawn.start(
        program,
        arguments: arguments,
        environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
        directory: directory?.path,
        standardInput: standardInput.descriptor,
        standardOutput: standardOutput.descriptor,
        standardError: standardError.descriptor
    )
    let cancelled = Flag()
    let status: ExitStatus? = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: wait(for: pid, timeout: timeout, cancelled: cancelled))
            }
        }
    } onCancel: {
        cancelled.set()
    }
    try Task.checkCancellation()
    let result = CommandResult(
        status: status ?? .signalled(SIGKILL),
        outputBytes: try standardOutput.contents(),
        errorBytes: try standardError.contents()
    )
    guard status != nil else {
        throw SupportError(
            "\(program) took longer than \(timeout): \(result.errorOutput.suffix(2000))\(result.output.suffix(2000))"
        )
    }
    return result
}

/// Waits for a process on a thread of its own; kills its group when time is up or nobody wants the result any more.
private func wait(for pid: pid_t, timeout: Duration, cancelled: Flag) -> ExitStatus? {
    let deadline = ContinuousClock.now + timeout
    var pause: UInt32 = 500
    while true {
        var status: Int32 = 0
        let ended = waitpid(pid, &status, WNOHANG)
        if ended == pid { return ExitStatus(waitStatus: status) }
        if ended < 0 && errno != EINTR { return nil }
        if cancelled.isSet || ContinuousClock.now > deadline {
            kill(-pid, SIGKILL)
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            return nil
        }
        usleep(pause)
        pause = min(pause * 2, 20_000)
    }
}

/// A signal from one thread to another.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() {
        value.withLock { $0 = true }
    }
}
