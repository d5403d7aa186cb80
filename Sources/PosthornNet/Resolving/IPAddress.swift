#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 octets in network order.
    package let octets: [UInt8]
    /// The address as it was written.
    package let description: String

    /// Reads an address without brackets; an IPv6 address may carry a zone (`fe80::1%eth0`).
    package init?(_ text: String) {
        guard text.utf8.count <= 64, !text.utf8.contains(0) else { return nil }
        description = text
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &octets) == 1 {
            self.octets = Array(octets.prefix(4))
            return
        }
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &octets) == 1 else { return nil }
        self.octets = octets
    }

    /// Whether it is an IPv6 address.
    package var isIPv6: Bool { octets.count == 16 }

    /// Whether it is 127.0.0.0/8 (mapped into IPv6 too) or ::1.
    package var isLoopback: Bool {
        if octets.count == 4 { return octets.first == 127 }
        let head = octets.prefix(12)
        if head.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) { return octets.dropFirst(12).first == 127 }
        return octets.dropLast().allSatisfy { $0 == 0 } && octets.last == 1
    }
}
