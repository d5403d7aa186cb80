import Posthorn
import PosthornMailbox
import Synchronization

/// Shows on a terminal how far a transfer has come, if it takes longer than a second.
final class ProgressBar: Sendable {
    private struct State: Sendable {
        var started: ContinuousClock.Instant?
        var drawn: ContinuousClock.Instant?
        var isFinished = false
    }

    private let console: Console
    private let verb: String
    private let state = Mutex(State())

    /// `nil` if nobody would see it.
    ///
    /// - Parameter verb: what is done, as the bar says it.
    init?(on console: Console, isVerbose: Bool, verb: String = "sending") {
        guard console.errors.isTerminal, !isVerbose else { return nil }
        self.console = console
        self.verb = verb
    }

    /// The listener of a transfer.
    var listener: TransferProgress {
        TransferProgress { [self] update in show(update) }
    }

    /// The listener of a round of fetching.
    var fetchListener: FetchProgress {
        FetchProgress { [self] update in
            show(TransferProgress.Update(completed: update.octets, total: update.totalOctets))
        }
    }

    private func show(_ update: TransferProgress.Update) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard !state.isFinished else { return }
            let started = state.started ?? now
            state.started = started
            guard now - started > .seconds(1), state.drawn.map({ now - $0 > .milliseconds(100) }) ?? true else {
                return
            }
            state.drawn = now
            console.draw("\r" + line(update) + "\u{1B}[K")
        }
    }

    /// Takes the bar away.
    func finish() {
        state.withLock { state in
            if state.drawn != nil, !state.isFinished { console.draw("\r\u{1B}[K") }
            state.isFinished = true
        }
    }

    private func line(_ update: TransferProgress.Update) -> String {
        let done = Size.text(update.completed)
        guard let total = update.total, total > 0 else { return "\(verb): \(done)" }
        let share = min(1, Double(update.completed) / Double(total))
        let figures = " \(Int(share * 100)) %  \(done) of \(Size.text(total))"
        let columns = max(10, min(40, console.errors.width - figures.count - 13))
        let filled = Int(share * Double(columns))
        let (full, empty) = console.errors.showsUnicode ? ("█", "░") : ("#", ".")
        return "\(verb) " + String(repeating: full, count: filled) + String(repeating: empty, count: columns - filled)
            + figures
    }
}

/// Sizes for people.
enum Size {
    /// `512 octets`, `1.4 MB`
    static func text(_ octets: UInt64) -> String {
        guard octets >= 1_000 else { return octets == 1 ? "1 octet" : "\(octets) octets" }
        let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
        var value = Double(octets) / 1_000
        var unit = 0
        while value >= 1_000, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
