import NIOCore
import Posthorn
import PosthornTLS

/// What the task that uses a connection works on.
struct ConnectionState {
    var info: ConnectionInfo
    var transcript: Transcript
    var total: Deadline
    /// Decrypted and not yet consumed.
    var received = ReceiveBuffer()
    /// To be sent, before encryption.
    var pending = ByteBuffer()
    /// Octets of a message that were sent and that the transcript does not show yet.
    var untoldBody = 0
    var tls: TLSEngine?
    /// Whether the peer's close_notify came.
    var peerEnded = false
    var isTruncated = false
    /// An error of TLS that ended the reading; told when what came before it has been read.
    var tlsFailure: TLSError?

    init(options: ConnectionOptions, info: ConnectionInfo, total: Deadline) {
        self.info = info
        transcript = options.transcript
        self.total = total
    }

    /// Takes a piece that came from the network.
    mutating func take(_ buffer: inout ByteBuffer) {
        guard let tls else {
            received.append(&buffer)
            return
        }
        guard tlsFailure == nil, !peerEnded else { return }
        do {
            try decrypt(buffer, with: tls)
        } catch let error as TLSError {
            tlsFailure = error
        } catch {
            tlsFailure = TLSError(.internalFailure, "the received data cannot be decrypted")
        }
        peerEnded = peerEnded || tls.receivedCloseNotify
    }

    private mutating func decrypt(_ buffer: ByteBuffer, with tls: TLSEngine) throws {
        // What is decrypted is never longer than what came, except for what was left of a record before.
        let chunk = max(buffer.readableBytes, 16 * 1024)
        try buffer.withUnsafeReadableBytes { octets in
            try tls.receive(octets) { () throws(TLSError) in
                // Until nothing comes: an error behind good octets is told by the call after them.
                var count = 1
                while count > 0, !(tls.isDrained && tls.handshakeState == .complete) {
                    var caught: TLSError?
                    received.append(upTo: chunk) { target in
                        do throws(TLSError) {
                            count = try tls.readPlaintext(into: target)
                            return count
                        } catch {
                            caught = error
                            return 0
                        }
                    }
                    if let caught { throw caught }
                }
            }
        }
    }

    /// Keeps text for the next flush.
    mutating func keep(_ octets: [UInt8]) {
        // At once as much as most flights need, instead of growing towards it.
        let room = pending.writableBytes
        if room < octets.count, pending.readableBytes == 0 { pending.reserveCapacity(max(octets.count, 8 * 1024)) }
        pending.writeBytes(octets)
    }

    /// What TLS wants to send by itself: alerts, handshake messages, key updates.
    mutating func takeCiphertext() -> ByteBuffer? {
        guard let tls, tls.hasCiphertext else { return nil }
        return ByteBuffer(bytes: tls.takeCiphertext())
    }

    /// The pending text and `body` as octets for the network.
    mutating func seal(_ body: UnsafeRawBufferPointer?) throws -> ByteBuffer {
        if let tls {
            if pending.readableBytes > 0 {
                try pending.withUnsafeReadableBytes { try tls.write($0) }
            }
            if let body, !body.isEmpty { try tls.write(body) }
            pending.clear()
            return ByteBuffer(bytes: tls.takeCiphertext())
        }
        if let body { pending.writeBytes(body) }
        defer { pending = ByteBuffer() }
        return pending
    }
}
