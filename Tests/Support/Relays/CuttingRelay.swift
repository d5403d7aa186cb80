import Foundation
import Synchronization
import TestSupport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Stands between a client and a server and ends both connections after a certain octet of one direction.
///
/// Each connection takes the next cut; when there are none left, everything passes.
final class CuttingRelay: Sendable {
    enum Direction: Sendable { case toServer, toClient }

    struct Cut: Sendable {
        var direction: Direction
        var octets: Int
    }

    /// How many octets passed on one connection.
    struct Passed: Sendable {
        var toServer = 0
        var toClient = 0
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let cuts: Mutex<ArraySlice<Cut>>
    private let record = Mutex<[Passed]>([])

    init(to target: Int, cuts: [Cut]) throws {
        self.target = target
        self.cuts = Mutex(cuts[...])
        (listener, port) = try Self.openListener()
        Thread.detachNewThread { [self] in takeConnections() }
    }

    /// The connections so far.
    var passed: [Passed] { record.withLock { $0 } }

    /// Takes no more connections.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func openListener() throws -> (Int32, Int) {
        for _ in 0..<50 {
            let port = try FreePort.allocate()
            let descriptor = openSocket()
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            if withAddress(port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 64) == 0 {
                return (descriptor, port)
            }
            close(descriptor)
        }
        throw SupportError("no port for the relay")
    }

    private static func openSocket() -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func withAddress<Result>(
        _ port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private func takeConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                close(listener)
                return
            }
            let server = Self.openSocket()
            guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
                close(client)
                close(server)
                continue
            }
            var on: Int32 = 1
            for descriptor in [client, server] {
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            let cut = cuts.withLock { $0.popFirst() }
            let number = record.withLock { record in
                record.append(Passed())
                return record.count - 1
            }
            Thread.detachNewThread { [self] in relay(client, server, cut, number) }
        }
    }

    /// Moves octets both ways on one thread, so that nothing passes after the cut.
    private func relay(_ client: Int32, _ server: Int32, _ cut: Cut?, _ number: Int) {
        defer {
            close(client)
            close(server)
        }
        var left = (toServer: Int.max, toClient: Int.max)
        switch cut?.direction {
        case .toServer: left.toServer = cut?.octets ?? 0
        case .toClient: left.toClient = cut?.octets ?? 0
        case nil: break
        }
        var polls = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while left.toServer > 0, left.toClient > 0 {
            guard poll(&polls, 2, 30_000) > 0 else { return }
            if polls[0].revents != 0 {
                let count = Self.move(from: client, to: server, limit: left.toServer)
                guard count > 0 else { return }
                left.toServer -= count
                record.withLock { $0[number].toServer += count }
            } else if polls[1].revents != 0 {
                let count = Self.move(from: server, to: client, limit: left.toClient)
                guard count > 0 else { return }
                left.toClient -= count
                record.withLock { $0[number].toClient += count }
            }
        }
    }

    private static func move(from source: Int32, to target: Int32, limit: Int) -> Int {
        var buffer = [UInt8](repeating: 0, count: min(limit, 65_536))
        let count = read(source, &buffer, buffer.count)
        guard count > 0 else { return 0 }
        var done = 0
        while done < count {
            let sent = buffer.withUnsafeBytes {
                send(target, $0.baseAddress?.advanced(by: done), count - done, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return 0 }
            done += sent
        }
        return count
    }
}
