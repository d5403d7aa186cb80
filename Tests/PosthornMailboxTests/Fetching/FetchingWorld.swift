import Foundation
import Posthorn
import Synchronization
import TestSupport

@testable import PosthornMailbox

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A store, a place and a directory of records, all of which can fail at one clock.
final class FetchingWorld: Sendable {
    let clock = FaultClock()
    let store: FaultyStore
    let place: MemoryPlace
    let directory: TemporaryDirectory
    private let time = Mutex<Int64>(1_800_000_000)
    /// How long the file of records is for certain.
    private let synced = Mutex<off_t>(0)

    init() throws {
        store = FaultyStore(clock: clock)
        place = MemoryPlace(clock: clock)
        directory = try TemporaryDirectory()
    }

    var now: Int64 {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    func fetcher(_ policy: FetchPolicy = FetchPolicy(), folder: String? = nil, batch: Int = 2) -> MailFetcher {
        var fetcher = MailFetcher(
            store: store,
            account: FetchAccount("pop3:info@mail.example.org"),
            folder: folder,
            destination: place,
            stateDirectory: directory.path + "/state",
            policy: policy
        )
        fetcher.limits.messages = batch
        fetcher.clock = { [self] in now }
        fetcher.calls.write = { [self] descriptor, octets in
            guard clock.strikes() else { return write(descriptor, octets.baseAddress, octets.count) }
            _ = write(descriptor, octets.baseAddress, octets.count / 2)
            errno = EIO
            return -1
        }
        fetcher.calls.synchronize = { [self] descriptor in
            guard !clock.strikes() else {
                errno = EIO
                return -1
            }
            var status = stat()
            fstat(descriptor, &status)
            synced.withLock { $0 = status.st_size }
            // That nothing is lost for certain is what is tested here, not the disk.
            return 0
        }
        return fetcher
    }

    /// The files of records.
    func records() throws -> [String] {
        let state = directory.path + "/state/"
        guard FileManager.default.fileExists(atPath: state) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: state).filter { $0.hasSuffix(".fetched") }
            .map { state + $0 }
    }

    /// What was not brought to the disk is lost, in part or all of it.
    func cutPower(_ generator: inout SeededGenerator) throws {
        for path in try records() {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            let least = synced.withLock { $0 }
            guard least > 0, least < status.st_size else { continue }
            truncate(path, .random(in: least...status.st_size, using: &generator))
        }
    }
}
