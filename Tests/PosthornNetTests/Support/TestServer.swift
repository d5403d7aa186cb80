import Foundation
import Posthorn
import PosthornTLS
import Synchronization
import TestSupport
import Testing

@testable import PosthornNet

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server on a loopback port that runs a script for every connection, each on a thread of its own.
final class TestServer: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex((stopped: false, accepted: 0))

    init(ipv6: Bool = false, port wanted: Int = 0, _ script: @escaping @Sendable (Peer) throws -> Void) throws {
        let (listener, port) = try Self.listen(ipv6: ipv6, port: wanted)
        self.listener = listener
        self.port = port
        let state = { @Sendable [weak self] in
            self?.state.withLock { state in
                state.accepted += 1
                return !state.stopped
            } ?? false
        }
        Thread.detachNewThread {
            while true {
                let fd = accept(listener, nil, nil)
                guard fd >= 0 else { break }
                guard state() else {
                    Sys.release(fd)
                    break
                }
                Thread.detachNewThread {
                    let peer = Peer(fd: fd)
                    try? script(peer)
                    peer.close()
                }
            }
            Sys.release(listener)
        }
    }

    deinit { stop() }

    var accepted: Int { state.withLock { $0.accepted } }

    func stop() {
        let isFirst = state.withLock { state in
            defer { state.stopped = true }
            return !state.stopped
        }
        if isFirst { shutdown(listener, Int32(SHUT_RDWR)) }
    }

    var endpoint: Endpoint { Endpoint(host: "127.0.0.1", port: port) }

    static func listen(ipv6: Bool = false, port wanted: Int = 0, backlog: Int32 = 16) throws -> (Int32, Int) {
        let fd = socket(ipv6 ? AF_INET6 : AF_INET, Sys.stream, 0)
        var one: Int32 = 1
        if ipv6 { setsockopt(fd, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, socklen_t(MemoryLayout<Int32>.size)) }
        var port: UInt16 = 0
        if ipv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_addr = in6addr_loopback
            address.sin6_port = UInt16(wanted).bigEndian
            try bind(fd, &address)
            port = address.sin6_port.bigEndian
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            try bind(fd, &address)
            port = address.sin_port.bigEndian
        }
        guard Sys.await(fd, backlog) else { throw Peer.Ended() }
        return (fd, Int(port))
    }

    private static func bind<Address>(_ fd: Int32, _ address: inout Address) throws {
        var length = socklen_t(MemoryLayout<Address>.size)
        try withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                Sys.attach(fd, pointer, length), getsockname(fd, pointer, &length) == 0
            else { throw Peer.Ended() }
        }
    }

    /// A port on which nobody listens.
    static func deadPort() throws -> Int {
        let (fd, port) = try listen()
        Sys.release(fd)
        return port
    }
}

/// What most tests begin with.
enum Net {
    static func options(_ change: (inout ConnectionOptions) -> Void = { _ in }) -> ConnectionOptions {
        var options = ConnectionOptions(service: "SMTP", security: .none)
        options.timeouts.connect = .seconds(30)
        options.timeouts.tls = .seconds(30)
        options.timeouts.close = .seconds(5)
        change(&options)
        return options
    }

    static func deadline(_ limit: Duration = .seconds(30)) -> Deadline {
        Deadline(after: limit, for: "the server's reply to NOOP", key: "timeouts.reply")
    }

    private static let certificate = Result {
        try CertificateAuthority.shared.issue(
            CertificateRequest(names: ["localhost", "mail.example.org"], addresses: ["127.0.0.1"])
        )
    }

    static func serverContext(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> TLSServerContext {
        let issued = try certificate.get()
        var configuration = TLSServerConfiguration(
            identity: .pem(certificateChain: issued.chain.path, privateKey: issued.key.path)
        )
        change(&configuration)
        return try TLSServerContext(configuration)
    }

    static func clientContext() throws -> TLSContext {
        try TLSContext(TLSConfiguration(trustRoots: .file(CertificateAuthority.shared.certificate.path)))
    }

    static func tlsOptions(
        _ security: ConnectionSecurity = .tls,
        _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) throws -> ConnectionOptions {
        let context = try clientContext()
        return options {
            $0.security = security
            $0.tls = context
            change(&$0)
        }
    }

    /// Writes to a server that does not read until the system takes no more, without waiting for it.
    static func clog(_ connection: Connection) async throws {
        let block = [UInt8](repeating: 0x41, count: 70_000)
        var quiet = 0
        while quiet < 10 {
            // The system's buffers grow while they are filled: only what stays is stuck.
            if connection.link.state.withLock({ $0.outstanding }) >= 200_000 {
                quiet += 1
                try await Task.sleep(for: .milliseconds(20))
            } else {
                quiet = 0
                try await connection.writeBody(block)
            }
        }
    }

    static func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}

/// Collects a transcript.
final class Ear: Sendable {
    private let entries = Mutex<[String]>([])
    var lines: [String] { entries.withLock { $0 } }
    func hear(_ entry: TranscriptEntry) { entries.withLock { $0.append(entry.description) } }
    var transcript: Transcript { Transcript { [self] entry in hear(entry) } }
}

/// The error of a call and how long it took.
func failing(_ body: () async throws -> Void) async -> (error: MailError?, time: Duration) {
    let started = ContinuousClock.now
    do {
        try await body()
        return (nil, started.duration(to: .now))
    } catch let error as MailError {
        return (error, started.duration(to: .now))
    } catch {
        Issue.record("not a MailError: \(error)")
        return (nil, started.duration(to: .now))
    }
}

/// A listener that accepts nobody and whose queue is full: attempts to connect stay without an answer.
final class FullListener: Sendable {
    let endpoint: Endpoint
    private let sockets: [Int32]

    init() throws {
        let (listener, port) = try TestServer.listen(backlog: 0)
        endpoint = Endpoint(host: "127.0.0.1", port: port)
        var sockets = [listener]
        for _ in 0..<4 {
            let fd = socket(AF_INET, Sys.stream, 0)
            _ = fcntl(fd, F_SETFL, O_NONBLOCK)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            address.sin_port = UInt16(port).bigEndian
            withUnsafeBytes(of: &address) { bytes in
                if let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) {
                    _ = connect(fd, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            sockets.append(fd)
        }
        self.sockets = sockets
    }

    func stop() { for fd in sockets { Sys.release(fd) } }
}
