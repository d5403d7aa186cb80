import COpenSSL

/// The two ends of a connection that has no socket: the octets that came and those to be sent.
///
/// OpenSSL reads and writes through a BIO that works on these buffers directly: what it writes is handed on without
/// another copy, and what came is read out of the caller's memory while it is lent.
final class CiphertextPipe {
    /// Kept octets that came, from `head` on.
    private var kept: [UInt8] = []
    private var head = 0
    /// Octets that the caller lends for the time of one call; they follow the kept ones.
    private var lent = UnsafeRawBufferPointer(start: nil, count: 0)
    private var outgoing: [UInt8] = []

    /// Octets that came and are not yet read.
    var unreadCount: Int { kept.count - head + lent.count }

    var outgoingCount: Int { outgoing.count }

    func lend(_ octets: UnsafeRawBufferPointer) { lent = octets }

    /// Ends the loan: what was not read is copied.
    func keepRest() {
        if !lent.isEmpty {
            if head == kept.count { discardKept() }
            kept.append(contentsOf: lent)
        }
        lent = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    func takeOutgoing() -> [UInt8] {
        var result: [UInt8] = []
        swap(&result, &outgoing)
        return result
    }

    func discardOutgoing() { outgoing.removeAll() }

    func reserveOutgoing(_ count: Int) { outgoing.reserveCapacity(outgoing.count + count) }

    func append(_ octets: UnsafeRawBufferPointer) { outgoing.append(contentsOf: octets) }

    func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        if head < kept.count {
            let count = min(kept.count - head, target.count)
            kept.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[head..<head + count])) }
            head += count
            if head == kept.count { discardKept() }
            return count
        }
        let count = min(lent.count, target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: lent[..<count]))
        lent = UnsafeRawBufferPointer(rebasing: lent[count...])
        return count
    }

    private func discardKept() {
        kept.removeAll(keepingCapacity: kept.capacity <= 1 << 18)
        head = 0
    }

    /// A BIO on this pipe, which must outlive it. The SSL object that gets it frees it.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method.pointer, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    /// The table of functions behind the BIOs, made once and kept for the life of the process.
    ///
    /// `@unchecked Sendable`: it is not changed after it is made.
    private struct Method: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let method: Method = {
        let kind = BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK)
        guard let method = BIO_meth_new(kind, "posthorn") else { return Method(pointer: nil) }
        BIO_meth_set_read(method) { bio, target, count in
            guard let bio, let pipe = CiphertextPipe.of(bio), let target, count > 0 else { return -1 }
            ph_BIO_clear_retry_flags(bio)
            let read = pipe.read(into: UnsafeMutableRawBufferPointer(start: target, count: Int(count)))
            if read == 0 {
                ph_BIO_set_retry_read(bio)
                return -1
            }
            return Int32(read)
        }
        BIO_meth_set_write(method) { bio, source, count in
            guard let bio, let pipe = CiphertextPipe.of(bio), let source, count > 0 else { return -1 }
            ph_BIO_clear_retry_flags(bio)
            pipe.append(UnsafeRawBufferPointer(start: source, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return Method(pointer: method)
    }()

    private static func of(_ bio: OpaquePointer) -> CiphertextPipe? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<CiphertextPipe>.fromOpaque(data).takeUnretainedValue()
    }
}
