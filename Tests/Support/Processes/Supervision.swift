import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What is known of one supervised program; kept up to date by a thread that reads what the supervisor says.
final class Supervision: Sendable {
    struct State {
        var pid: pid_t?
        var failure: String?
        var status: ExitStatus?
        var isGone = false
        var control: Int32?
    }

    private let state: Mutex<State>

    var current: State { state.withLock { $0 } }

    private init(control: Int32) {
        state = Mutex(State(control: control))
    }

    /// Starts a supervisor, which starts the program.
    static func start(
        _ program: String,
        arguments: [String],
        environment: [String: String]?,
        directory: String?,
        output: Int32,
        grace: Duration
    ) throws -> Supervision {
        let control = try PipeEnds.make()
        defer { close(control.readEnd) }
        let report = try PipeEnds.make()
        defer { close(report.writeEnd) }
        let seconds = Double(grace.components.seconds) + Double(grace.components.attoseconds) / 1e18
        let supervisor: pid_t
        do {
            supervisor = try Spawn.start(
                try Python.interpreter(),
                arguments: ["-I", "-S", "-c", SupervisorScript.text, "\(seconds)", try Spawn.find(program)] + arguments,
                environment: environment,
                directory: directory,
                standardInput: control.readEnd,
                standardOutput: output,
                standardError: output,
                status: report.writeEnd,
                ownSession: true
            )
        } catch {
            close(control.writeEnd)
            close(report.readEnd)
            throw error
        }
        let supervision = Supervision(control: control.writeEnd)
        Supervisions.shared.add(supervision)
        Thread.detachNewThread { supervision.follow(report.readEnd, supervisor: supervisor) }
        return supervision
    }

    /// Asks for the end of the program and of everything that it started.
    func end(atOnce: Bool) {
        state.withLock { state in
            guard let control = state.control else { return }
            var word = UInt8(ascii: atOnce ? "K" : "T")
            _ = write(control, &word, 1)
        }
    }

    private func follow(_ report: Int32, supervisor: pid_t) {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while true {
            let count = read(report, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in chunk.prefix(count) {
                if byte == UInt8(ascii: "\n") {
                    learn(String(decoding: line, as: UTF8.self))
                    line.removeAll()
                } else {
                    line.append(byte)
                }
            }
        }
        close(report)
        var status: Int32 = 0
        while waitpid(supervisor, &status, 0) < 0 && errno == EINTR {}
        state.withLock { state in
            if let control = state.control { close(control) }
            state.control = nil
            state.isGone = true
            if state.pid == nil && state.failure == nil {
                state.failure = "its supervisor ended with \(ExitStatus(waitStatus: status))"
            }
        }
        Supervisions.shared.remove(self)
    }

    private func learn(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return }
        state.withLock { state in
            switch words[0] {
            case "pid": state.pid = pid_t(words[1])
            case "status": state.status = Int32(words[1]).map(ExitStatus.init(waitStatus:))
            default: state.failure = String(words[1])
            }
        }
    }
}

/// The programs that run; all of them are stopped when the test process exits.
final class Supervisions: Sendable {
    static let shared = Supervisions()

    private let running = Mutex<[Supervision]>([])
    private let isRegistered = Mutex(false)

    func add(_ supervision: Supervision) {
        running.withLock { $0.append(supervision) }
        isRegistered.withLock { isRegistered in
            if !isRegistered {
                atexit { Supervisions.shared.endAll() }
                isRegistered = true
            }
        }
    }

    func remove(_ supervision: Supervision) {
        running.withLock { $0.removeAll { $0 === supervision } }
    }

    private func endAll() {
        for supervision in running.withLock({ $0 }) {
            supervision.end(atOnce: false)
        }
        for _ in 0..<1000 where running.withLock({ !$0.isEmpty }) {
            usleep(10_000)
        }
    }
}
