import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Ports on the loopback interface for servers of the tests.
package enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// A port that nobody listens on; never the same twice in one test process.
    ///
    /// From below the range that the system takes for outgoing connections, so that no connection of another test takes
    /// the port before the server does.
    package static func allocate() throws -> Int {
        for _ in 0..<2000 {
            let port = Int.random(in: 12_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            if Loopback.isFree(port) { return port }
        }
        throw SupportError("found no free port on the loopback interface")
    }
}

/// The few socket calls that the helpers need, on 127.0.0.1.
enum Loopback {
    /// Makes a TCP socket that no started program inherits.
    static func socket() throws -> Int32 {
        #if canImport(Glibc)
            let type = Int32(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        #if canImport(Darwin)
            let descriptor = Darwin.socket(AF_INET, type, 0)
        #elseif canImport(Musl)
            let descriptor = Musl.socket(AF_INET, type, 0)
        #else
            let descriptor = Glibc.socket(AF_INET, type, 0)
        #endif
        guard descriptor >= 0 else { throw SupportError.system("socket", errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    /// Calls a function with a socket address; `host` in host byte order.
    static func withAddress<Result>(
        _ port: Int,
        host: UInt32 = 0x7f00_0001,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = host.bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Listens on a free port of 127.0.0.1 and returns the descriptor and the port.
    static func listen(backlog: Int32 = 64) throws -> (descriptor: Int32, port: Int) {
        for _ in 0..<100 {
            let port = try FreePort.allocate()
            let descriptor = try socket()
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            if withAddress(port, { bind(descriptor, $0, $1) }) == 0, startListening(descriptor, backlog) == 0 {
                return (descriptor, port)
            }
            close(descriptor)
        }
        throw SupportError("could not listen on the loopback interface")
    }

    private static func startListening(_ descriptor: Int32, _ backlog: Int32) -> Int32 {
        #if canImport(Darwin)
            Darwin.listen(descriptor, backlog)
        #elseif canImport(Musl)
            Musl.listen(descriptor, backlog)
        #else
            Glibc.listen(descriptor, backlog)
        #endif
    }

    /// Whether a server can be bound to a port, on every address.
    static func isFree(_ port: Int) -> Bool {
        guard let descriptor = try? socket() else { return false }
        defer { close(descriptor) }
        return withAddress(port, host: 0) { bind(descriptor, $0, $1) } == 0
    }

    /// Whether something accepts connections on a port of 127.0.0.1.
    static func isListening(on port: Int) -> Bool {
        guard let descriptor = try? socket() else { return false }
        defer { close(descriptor) }
        return withAddress(port) { connect(descriptor, $0, $1) } == 0
    }
}
