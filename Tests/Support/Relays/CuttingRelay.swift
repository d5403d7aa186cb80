import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Stands between a client and a server and ends both connections after a certain octet of one direction.
///
/// It moves octets and knows nothing of what they mean, so that it works with TLS, and with servers that are not ours.
package final class CuttingRelay: Sendable {
    /// Whose octets are counted.
    package enum Direction: Sendable, CaseIterable { case toServer, toClient }

    /// How a connection ends.
    package enum Ending: Sendable, CaseIterable {
        /// Both sides are closed.
        case close
        /// Both sides get a reset: what was sent last may be lost.
        case reset
        /// Nothing passes any more, until one side goes.
        case stall
    }

    /// Where a connection ends.
    package struct Cut: Sendable {
        /// Whose octets are counted.
        package var direction: Direction
        /// How many of them pass.
        package var octets: Int
        /// How it ends.
        package var ending: Ending

        /// A cut after so many octets of one side.
        package init(direction: Direction, octets: Int, ending: Ending = .close) {
            self.direction = direction
            self.octets = octets
            self.ending = ending
        }
    }

    /// How many octets passed on one connection.
    package struct Passed: Sendable {
        /// From the client.
        package var toServer = 0
        /// From the server.
        package var toClient = 0
        /// How it was cut; `nil` if the client or the server ended it.
        package var ending: Ending?
    }

    /// The port on 127.0.0.1.
    package let port: Int
    private let listener: Int32
    private let target: Int
    /// What happens to a connection, by its number from 0.
    private let fate: @Sendable (Int) -> Cut?
    private let record = Mutex<[Passed]>([])
    private let next = Mutex<Cut?>(nil)

    /// Asks for every connection where it is cut.
    ///
    /// - Parameter fate: gets the number of the connection, from 0; gives `nil` for one that passes whole.
    package init(to target: Int, fate: @escaping @Sendable (Int) -> Cut?) throws {
        self.target = target
        self.fate = fate
        (listener, port) = try Loopback.listen()
        Thread.detachNewThread { [self] in takeConnections() }
    }

    /// Each connection takes the next cut; when there are none left, everything passes.
    package convenience init(to target: Int, cuts: [Cut] = []) throws {
        try self.init(to: target) { cuts.indices.contains($0) ? cuts[$0] : nil }
    }

    /// The connections so far.
    package var passed: [Passed] { record.withLock { $0 } }

    /// Cuts the connection that comes next, and it alone.
    package func cutNext(_ cut: Cut) { next.withLock { $0 = cut } }

    /// Takes no more connections.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func takeConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                close(listener)
                return
            }
            guard let server = try? Loopback.socket() else {
                close(client)
                continue
            }
            guard Loopback.withAddress(target, { connect(server, $0, $1) }) == 0 else {
                close(client)
                close(server)
                continue
            }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            var on: Int32 = 1
            for descriptor in [client, server] {
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            let number = record.withLock { record in
                record.append(Passed())
                return record.count - 1
            }
            let cut = next.withLock { next in
                defer { next = nil }
                return next
            }
            Thread.detachNewThread { [self] in relay(client, server, cut ?? fate(number), number) }
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
        while left.toServer > 0, left.toClient > 0 {
            guard let ready = Self.wait(client, server) else { return }
            if ready.client {
                let count = Self.move(from: client, to: server, limit: left.toServer)
                guard count > 0 else { return }
                left.toServer -= count
                record.withLock { $0[number].toServer += count }
            } else if ready.server {
                let count = Self.move(from: server, to: client, limit: left.toClient)
                guard count > 0 else { return }
                left.toClient -= count
                record.withLock { $0[number].toClient += count }
            }
        }
        guard let cut else { return }
        record.withLock { $0[number].ending = cut.ending }
        end(cut.ending, client, server)
    }

    /// What is closed after this is closed as the ending wants it.
    private func end(_ ending: Ending, _ client: Int32, _ server: Int32) {
        switch ending {
        case .close: break
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            for descriptor in [client, server] {
                setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            }
        case .stall:
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while let ready = Self.wait(client, server) {
                guard read(ready.client ? client : server, &buffer, buffer.count) > 0 else { return }
            }
        }
    }

    /// Waits until one of the two has something to say, or has gone; `nil` when both are silent for too long.
    private static func wait(_ client: Int32, _ server: Int32) -> (client: Bool, server: Bool)? {
        var polls = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = poll(&polls, 2, 60_000)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            return (polls[0].revents != 0, polls[1].revents != 0)
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
