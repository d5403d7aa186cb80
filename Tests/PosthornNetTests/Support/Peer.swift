import Foundation
import PosthornTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One accepted connection of a scripted server: blocking calls on a plain socket, so that a script can do what no
/// decent server does.
final class Peer {
    struct Ended: Error {}

    private let fd: Int32
    private var engine: TLSEngine?
    private var unread: [UInt8] = []
    private var isOpen = true

    init(fd: Int32) {
        self.fd = fd
        // A script that waits for something that does not come ends all the same.
        var limit = timeval(tv_sec: 15, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Sys.release(fd)
    }

    /// Ends the connection with RST.
    func reset() {
        Sys.resetOnClose(fd)
        close()
    }

    /// Says that nothing more will be sent, and stays.
    func shutdownWriting() { shutdown(fd, Int32(SHUT_WR)) }

    func pause(_ seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }

    // MARK: Octets

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ octets: [UInt8]) throws {
        if let engine {
            try engine.write(octets)
            try sendRaw(engine.takeCiphertext())
        } else {
            try sendRaw(octets)
        }
    }

    /// One octet at a time.
    func drip(_ text: String, every seconds: Double) throws {
        for octet in text.utf8 {
            try send([octet])
            pause(seconds)
        }
    }

    func sendRaw(_ octets: [UInt8]) throws {
        var start = 0
        while start < octets.count {
            let count = octets.withUnsafeBytes { buffer in
                Sys.send(fd, UnsafeRawBufferPointer(rebasing: buffer[start...]))
            }
            guard count > 0 else { throw Ended() }
            start += count
        }
    }

    private func receiveRaw() throws -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(fd, &octets, octets.count, 0)
        guard count > 0 else { throw Ended() }
        return Array(octets.prefix(count))
    }

    private func receiveMore() throws {
        guard let engine else {
            unread += try receiveRaw()
            return
        }
        try engine.receive(try receiveRaw())
        unread += try engine.takePlaintext()
        if engine.hasCiphertext { try sendRaw(engine.takeCiphertext()) }
        if engine.receivedCloseNotify, unread.isEmpty { throw Ended() }
    }

    /// The next line without its end.
    func readLine() throws -> String {
        while true {
            if let feed = unread.firstIndex(of: 0x0A) {
                var line = Array(unread[..<feed])
                unread.removeFirst(feed + 1)
                if line.last == 0x0D { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            try receiveMore()
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while unread.count < count { try receiveMore() }
        let result = Array(unread[..<count])
        unread.removeFirst(count)
        return result
    }

    /// Reads and forgets until the client ends the connection.
    ///
    /// - Returns: The octets that came.
    @discardableResult
    func drain() -> Int {
        var total = unread.count
        unread = []
        while true {
            do { try receiveMore() } catch { return total + unread.count }
            total += unread.count
            unread = []
        }
    }

    /// Waits, without reading, until the client has ended the connection.
    func waitForEnd() {
        var poller = pollfd(fd: fd, events: Sys.ended, revents: 0)
        poll(&poller, 1, 15_000)
    }

    // MARK: TLS

    /// The server's side of a handshake.
    func startTLS(_ context: TLSServerContext) throws {
        let engine = try TLSEngine(serverContext: context)
        try engine.start()
        while engine.handshakeState != .complete {
            do { try engine.receive(try receiveRaw()) } catch {
                if engine.hasCiphertext { try? sendRaw(engine.takeCiphertext()) }
                throw error
            }
            if engine.hasCiphertext { try sendRaw(engine.takeCiphertext()) }
        }
        unread = try engine.takePlaintext()
        self.engine = engine
    }

    /// Sends close_notify and ends the connection.
    func closeTLS() {
        engine?.close()
        if let engine, engine.hasCiphertext { try? sendRaw(engine.takeCiphertext()) }
        close()
    }

    var tls: TLSEngine? { engine }
}
