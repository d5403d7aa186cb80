import Dispatch
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns a host name into addresses, away from event loops and tasks: the system's resolver blocks.
enum NameResolver {
    /// Why a name has no address.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Resolves and calls back from a thread of its own. The call cannot be ended; forget the answer instead.
    static func resolve(
        _ host: String,
        port: Int,
        completion: @escaping @Sendable (Result<[SocketAddress], any Error>) -> Void
    ) {
        DispatchQueue.global().async { completion(Result { try blocking(host, port: port) }) }
    }

    /// Addresses of text, as a resolver of the tests gives them.
    static func addresses(_ texts: [String], port: Int) throws -> [SocketAddress] {
        try texts.map { try SocketAddress(ipAddress: $0, port: port) }
    }

    private static func blocking(_ host: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        hints.ai_protocol = Int32(IPPROTO_TCP)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw Failure(description: gai_strerror(code).map { String(cString: $0) } ?? "resolver error \(code)")
        }
        defer { freeaddrinfo(list) }
        var result: [SocketAddress] = []
        var next = list
        while let entry = next, result.count < 64 {
            if let address = entry.pointee.ai_addr { append(address, entry.pointee.ai_family, to: &result) }
            next = entry.pointee.ai_next
        }
        return result
    }

    private static func append(
        _ address: UnsafeMutablePointer<sockaddr>,
        _ family: Int32,
        to list: inout [SocketAddress]
    ) {
        let raw = UnsafeRawPointer(address)
        if family == AF_INET {
            list.append(SocketAddress(raw.loadUnaligned(as: sockaddr_in.self)))
        } else if family == AF_INET6 {
            list.append(SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self)))
        }
    }

    /// The order of attempts: the resolver's own (RFC 6724), families taking turns (RFC 8305, section 4).
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        var seen: Set<SocketAddress> = []
        let unique = addresses.filter { seen.insert($0).inserted }
        let same = unique.filter { $0.protocol == first.protocol }
        let other = unique.filter { $0.protocol != first.protocol }
        var result: [SocketAddress] = []
        for index in 0..<max(same.count, other.count) {
            if index < same.count { result.append(same[index]) }
            if index < other.count { result.append(other[index]) }
        }
        return result
    }
}
