import PosthornTLS
import TestSupport
import Testing

/// Peers that send without end.
@Suite(.computing) struct LimitTests {
    @Test func `a handshake longer than its limit is refused`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"])) { $0.maximumHandshakeBytes = 400 }
        // The whole flight came at once and was used up, so that there was nothing to wait for.
        try expectConnected(pair)
        let authority = try CertificateAuthority.shared
        let slow = try Setup.pair(
            Setup.client(trusting: authority.certificate) { $0.maximumHandshakeBytes = 400 },
            Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        )
        slow.pieceSize = 50
        slow.shake()
        #expect(slow.clientError?.code == .limitExceeded)
        #expect(slow.clientError?.message.contains("more than 400 octets") == true)
    }

    @Test func `endless messages before the handshake are refused`() throws {
        let engine = try TLSEngine(
            context: Setup.client(trusting: CertificateAuthority.shared.certificate),
            serverName: TLSServerName("mail.example.org")
        )
        try engine.start()
        // The beginning of a message of nearly 16 MiB, in records of one kilobyte.
        var record: [UInt8] = [0x16, 3, 3, 4, 0, 2, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 1020)
        var error: TLSError?
        var sent = 0
        while error == nil, sent < 1 << 22 {
            error = catching { try engine.receive(record) }
            sent += record.count
            record = [0x16, 3, 3, 4, 0] + [UInt8](repeating: 0, count: 1024)
        }
        #expect(error != nil)
        #expect(sent <= 300 * 1024)
    }

    @Test func `endless key updates are refused, and a few are not`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]))
        for _ in 1...20 { try pair.server.updateKeys(askPeer: true) }
        pair.move()
        try expectConnected(pair)
        for _ in 1...200 { try pair.server.updateKeys(askPeer: true) }
        pair.move()
        #expect(pair.clientError?.code == .limitExceeded)
    }

    @Test func `key updates amid data are fine`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]))
        let data = [UInt8](repeating: 7, count: 20_000)
        for _ in 1...200 {
            try pair.server.updateKeys(askPeer: false)
            try pair.server.write(data)
            pair.move()
        }
        #expect(pair.clientError == nil)
        #expect(pair.clientGot.count == 200 * data.count)
    }
}
