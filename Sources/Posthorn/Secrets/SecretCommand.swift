import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Secrets that a program prints, such as a password manager.
///
/// The program runs without a shell, with this process's environment and without standard input. All waiting
/// happens on a thread of its own, so that the cooperative pool is never blocked.
struct SecretCommand: Sendable {
    /// The program and its arguments.
    let words: [String]
    var timeLimit: Duration = .seconds(30)
    var outputLimit = 64 * 1024

    private var program: String { words.first ?? "" }
    private var shown: String { SettingsText.shown(program) }

    /// What is wrong with the program, without running it.
    func problem(_ machine: SettingsMachine) -> String? {
        guard path(machine) == nil else { return nil }
        if program.contains("/"), !program.hasPrefix("/") {
            return "the path of the program \(shown) does not begin with '/'; write the whole path, or the name alone"
        }
        return program.contains("/")
            ? "the program \(shown) does not exist, or may not be executed"
            : "there is no program \(shown) in PATH; install it, or write its whole path"
    }

    /// Runs the program and takes what it prints.
    func run() async throws -> Secret {
        let machine = SettingsMachine.current
        guard let path = path(machine) else {
            throw MailError(.secretUnavailable, problem(machine) ?? "there is no program \(shown)")
        }
        let run = SecretCommandRun(path: path, command: self)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try run.perform() })
                }
            }
        } onCancel: {
            run.cancel()
        }
    }

    /// The program's file: as it is written if there is a slash in it, otherwise looked up in PATH.
    private func path(_ machine: SettingsMachine) -> String? {
        if program.contains("/") { return program.hasPrefix("/") && Self.isExecutable(program) ? program : nil }
        return (machine.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
            .filter { $0.hasPrefix("/") }
            .map { "\($0)/\(program)" }
            .first { Self.isExecutable($0) }
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

/// One run of a program.
private final class SecretCommandRun: Sendable {
    private struct State {
        var isCancelled = false
    }

    private let path: String
    private let command: SecretCommand
    private let state = Mutex(State())

    init(path: String, command: SecretCommand) {
        self.path = path
        self.command = command
    }

    private var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Makes the run end soon: the thread that waits looks here many times a second.
    func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    func perform() throws -> Secret {
        guard !isCancelled else { throw cancelled }
        let output = Pipe()
        let complaints = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = Array(command.words.dropFirst())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = complaints
        do {
            try process.run()
        } catch {
            throw failure("could not be started")
        }
        // The child has its own copies now; without closing ours there is never an end of file.
        try? output.fileHandleForWriting.close()
        try? complaints.fileHandleForWriting.close()
        var collected = Collected()
        do {
            try collect(process, output.fileHandleForReading, complaints.fileHandleForReading, &collected)
        } catch {
            end(process.processIdentifier)
            process.waitUntilExit()
            throw error
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let status =
                process.terminationReason == .exit
                ? "ended with status \(process.terminationStatus)" : "was ended by signal \(process.terminationStatus)"
            throw failure(status + collected.complaint)
        }
        let secret = SecretFile.withoutLineEnd(collected.output)
        guard !secret.isEmpty else { throw failure("printed nothing") }
        return Secret(bytes: secret)
    }

    /// Kills the program, and what it started, if it leads a group of its own.
    private func end(_ identifier: pid_t) {
        guard identifier > 0 else { return }
        kill(getpgid(identifier) == identifier ? -identifier : identifier, SIGKILL)
    }

    private struct Collected {
        var output: [UInt8] = []
        var errors: [UInt8] = []

        /// The first line that the program wrote to standard error.
        var complaint: String {
            let line = errors.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            return line.isEmpty ? "" : ": \(PeerText.shown(line, limit: 200))"
        }
    }

    /// Reads both outputs until the program has ended, or a limit is reached.
    private func collect(
        _ process: Process,
        _ output: FileHandle,
        _ complaints: FileHandle,
        _ collected: inout Collected
    ) throws {
        let deadline = ContinuousClock.now + command.timeLimit
        var polled = [
            pollfd(fd: output.fileDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: complaints.fileDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        while polled[0].fd >= 0 || process.isRunning {
            guard !isCancelled else { throw cancelled }
            guard ContinuousClock.now < deadline else {
                throw failure("did not end within \(DurationText.shown(command.timeLimit))")
            }
            _ = poll(&polled, nfds_t(polled.count), 20)
            if !readAvailable(&polled[0], into: &collected.output) {
                polled[0].fd = -1
            }
            if !readAvailable(&polled[1], into: &collected.errors) {
                polled[1].fd = -1
            }
            guard collected.output.count <= command.outputLimit else {
                throw failure("printed more than \(command.outputLimit / 1024) KiB")
            }
            // Complaints are read on, so that the program does not block; only their beginning is of interest.
            if collected.errors.count > 4_096 { collected.errors.removeLast(collected.errors.count - 4_096) }
        }
        // The last words of a program that had closed its output before.
        if poll(&polled, nfds_t(polled.count), 0) > 0 { _ = readAvailable(&polled[1], into: &collected.errors) }
    }

    /// Reads what is there. `false` at the end of the stream.
    private func readAvailable(_ polled: inout pollfd, into bytes: inout [UInt8]) -> Bool {
        guard polled.fd >= 0 else { return false }
        guard polled.revents != 0 else { return true }
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        let count = read(polled.fd, &piece, piece.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN }
        bytes.append(contentsOf: piece.prefix(count))
        for index in piece.indices { piece[index] = 0 }
        return count > 0
    }

    private var cancelled: MailError {
        MailError(.cancelled, "the task was cancelled while the program \(name) ran for a secret")
    }

    private var name: String { SettingsText.shown(command.words.first ?? "") }

    private func failure(_ what: String) -> MailError {
        MailError(.secretUnavailable, "the program \(name), which was to print a secret, \(what)")
    }
}
