/// How a program ended.
package enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
    /// It returned this code.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)

    /// Reads the status word of `waitpid`.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    /// Whether it returned 0.
    package var isSuccess: Bool { self == .exited(0) }

    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
