import Posthorn
import Synchronization

/// Keeps what a transfer tells of its progress.
final class ProgressLog: Sendable {
    private let updates = Mutex<[TransferProgress.Update]>([])

    var listener: TransferProgress {
        TransferProgress { [self] update in keep(update) }
    }

    func keep(_ update: TransferProgress.Update) {
        updates.withLock { $0.append(update) }
    }

    var steps: [UInt64] { updates.withLock { $0.map(\.completed) } }
    var total: UInt64? { updates.withLock { $0.last?.total } }
}
