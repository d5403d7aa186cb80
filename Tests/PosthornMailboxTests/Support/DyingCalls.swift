import Synchronization

@testable import PosthornMailbox

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// System calls that fail from a certain one on, or that one alone.
final class DyingCalls: Sendable {
    /// What one call did.
    enum Event: Hashable {
        case create(CInt), write(CInt), synchronize(CInt), move, remove, makeDirectory
    }

    /// What becomes of the call whose turn it is.
    enum Ending: Sendable {
        /// It and all that follow do nothing: what is on the disk then is what a killed process leaves behind.
        case death
        /// As `death`; but a move is cut in the middle where it is a link and a removal.
        case deathWithinMove
        /// It alone fails, with the error's number.
        case failure(CInt)
    }

    private let count = Atomic(0)
    private let turn: Int
    private let ending: Ending
    let events = Mutex<[Event]>([])

    init(turn: Int, _ ending: Ending) {
        self.turn = turn
        self.ending = ending
    }

    /// How many calls there have been.
    var total: Int { count.load(ordering: .relaxed) }

    /// Whether the next call works; otherwise it has set `errno`.
    private func isAlive(_ event: Event) -> (alive: Bool, isTurn: Bool) {
        let number = count.add(1, ordering: .relaxed).newValue
        let isTurn = number == turn
        switch ending {
        case .death, .deathWithinMove:
            guard number >= turn else { break }
            errno = EIO
            return (false, isTurn)
        case .failure(let error):
            guard isTurn else { break }
            errno = error
            return (false, true)
        }
        events.withLock { $0.append(event) }
        return (true, false)
    }

    var calls: FileCalls {
        let system = FileCalls.system
        return FileCalls(
            create: { [self] directory, name in
                guard isAlive(.create(0)).alive else { return -1 }
                let descriptor = system.create(directory, name)
                events.withLock { $0[$0.count - 1] = .create(descriptor) }
                return descriptor
            },
            write: { [self] descriptor, octets in
                let (alive, isTurn) = isAlive(.write(descriptor))
                if alive { return system.write(descriptor, octets) }
                // A full disk takes what fits.
                let number = errno
                if isTurn {
                    _ = system.write(descriptor, UnsafeRawBufferPointer(rebasing: octets.prefix(octets.count / 2)))
                }
                errno = number
                return -1
            },
            synchronize: { [self] in isAlive(.synchronize($0)).alive ? system.synchronize($0) : -1 },
            move: { [self] oldDirectory, old, newDirectory, new in
                let (alive, isTurn) = isAlive(.move)
                if alive { return system.move(oldDirectory, old, newDirectory, new) }
                let number = errno
                if isTurn, case .deathWithinMove = ending { linkat(oldDirectory, old, newDirectory, new, 0) }
                errno = number
                return -1
            },
            remove: { [self] in isAlive(.remove).alive ? system.remove($0, $1) : -1 },
            makeDirectory: { [self] in isAlive(.makeDirectory).alive ? system.makeDirectory($0, $1) : -1 }
        )
    }
}
