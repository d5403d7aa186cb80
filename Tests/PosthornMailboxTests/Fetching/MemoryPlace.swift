import Foundation
import Posthorn
import PosthornMailbox
import Synchronization

/// A place in memory. What was not committed is gone with the delivery; a commit that fails has put in a part.
final class MemoryPlace: FetchDestination {
    struct Entry: Equatable {
        var key: FetchKey
        var octets: [UInt8]
        var text: String { String(decoding: octets, as: UTF8.self) }
    }

    struct State {
        var mark = FetchMark(identity: "place-1", generation: 0)
        var entries: [Entry] = []
        var questions = 0
        var commits = 0
        var room = Int.max
        var usedMainThread = false
    }

    private let state = Mutex(State())
    let clock: FaultClock

    init(clock: FaultClock = FaultClock()) { self.clock = clock }

    var current: State {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    var texts: [String] { current.entries.map(\.text) }

    func change<Result: Sendable>(_ body: (inout State) throws -> sending Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }

    func openDelivery(for account: FetchAccount) async throws -> any FetchDelivery {
        try clock.step()
        return Delivery(self)
    }

    final class Delivery: FetchDelivery {
        let place: MemoryPlace
        var begun: [UInt8]?
        var staged: [Entry] = []

        init(_ place: MemoryPlace) { self.place = place }

        func mark() async throws -> FetchMark {
            try place.clock.step()
            return place.current.mark
        }

        func setMark(_ mark: FetchMark) async throws {
            try place.clock.step()
            place.change { $0.mark = mark }
            // Marked, and dead before anybody hears of it.
            try place.clock.step()
        }

        func heldKeys() async throws -> Set<FetchKey> {
            try place.clock.step()
            return place.change { state in
                state.questions += 1
                return Set(state.entries.map(\.key))
            }
        }

        func begin() async throws {
            try place.clock.step()
            begun = []
        }

        func write(_ octets: [UInt8]) async throws {
            try place.clock.step()
            let room = place.current.room
            guard octets.count <= room else {
                begun = nil
                throw MailError(.storage, "the disk is full")
            }
            begun?.append(contentsOf: octets)
        }

        func stage(as key: FetchKey) async throws {
            try place.clock.step()
            guard let octets = begun else { throw MailError(.misuse, "no message was begun") }
            staged.append(Entry(key: key, octets: octets))
            begun = nil
        }

        func discard() async { begun = nil }

        func commit() async throws {
            guard begun == nil else { throw MailError(.misuse, "a message is still under way") }
            for entry in staged {
                try place.clock.step()
                place.change { $0.entries.append(entry) }
            }
            staged = []
            let isMainThread = isOnMainThread()
            place.change { state in
                state.commits += 1
                state.usedMainThread = state.usedMainThread || isMainThread
            }
            try place.clock.step()
        }
    }
}

private func isOnMainThread() -> Bool { Thread.isMainThread }
