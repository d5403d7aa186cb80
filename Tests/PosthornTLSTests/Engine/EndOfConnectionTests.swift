import PosthornTLS
import TestSupport
import Testing

/// How connections end: properly, or cut off.
@Suite(.computing) struct EndOfConnectionTests {
    private func makePair(_ maximum: TLSVersion = .v1_3) throws -> Pair {
        try Setup.shake(.init(names: ["mail.example.org"])) {
            _ in
        } server: {
            $0.maximumVersion = maximum
        }
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `a proper end is told from a cut`(version: TLSVersion) throws {
        let ended = try makePair(version)
        try ended.server.write(Array("bye".utf8))
        ended.server.close()
        ended.move()
        #expect(ended.clientGot == Array("bye".utf8))
        #expect(ended.client.receivedCloseNotify)
        #expect(ended.client.receivedEOF() == nil)
        // The other direction is still open until it is closed too.
        if version == .v1_3 {
            try ended.client.write(Array("QUIT".utf8))
            ended.client.close()
            ended.move()
            #expect(ended.serverGot == Array("QUIT".utf8))
            #expect(ended.server.receivedCloseNotify)
        }
        #expect(catching { try ended.server.write([1]) }?.code == .notUsable)

        let cut = try makePair(version)
        try cut.server.write(Array("by".utf8))
        cut.move()
        let error = cut.client.receivedEOF()
        #expect(error?.code == .truncated)
        #expect(error?.message.contains("what came last may be incomplete") == true)
        #expect(cut.client.receivedEOF() == error)
    }

    @Test func `a record cut in the middle delivers nothing of it`() throws {
        let pair = try makePair()
        try pair.server.write(Array("250 accepted".utf8))
        let octets = pair.server.takeCiphertext()
        try pair.client.receive(Array(octets.dropLast()))
        #expect(try pair.client.takePlaintext().isEmpty)
        #expect(pair.client.receivedEOF()?.code == .truncated)
    }

    @Test func `a handshake that breaks off is truncated at every octet`() throws {
        let authority = try CertificateAuthority.shared
        let context = try Setup.client(trusting: authority.certificate)
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        let pair = try Setup.pair(context, server)
        try pair.client.start()
        try pair.server.start()
        try pair.server.receive(pair.client.takeCiphertext())
        let flight = pair.server.takeCiphertext()
        for end in stride(from: 0, to: flight.count, by: 13) {
            let engine = try TLSEngine(context: context, serverName: TLSServerName("mail.example.org"))
            try engine.start()
            // This flight answers another hello: at most octets before the first encrypted one are taken.
            let error = catching { try engine.receive(Array(flight[..<end])) } ?? engine.receivedEOF()
            #expect(error != nil)
            if end < 5 { #expect(error?.code == .truncated) }
            if end == 0 { #expect(error?.message.contains("without a word of TLS") == true) }
        }
    }

    @Test func `octets after the peer's end are not delivered`() throws {
        let pair = try makePair()
        pair.server.close()
        pair.move()
        try pair.client.receive(Array("220 more\r\n".utf8))
        #expect(try pair.client.takePlaintext().isEmpty)
        #expect(pair.client.receivedEOF() == nil)
    }

    @Test func `closing before the handshake sends nothing`() throws {
        let engine = try TLSEngine(
            context: Setup.client(trusting: CertificateAuthority.shared.certificate),
            serverName: TLSServerName("mail.example.org")
        )
        engine.close()
        #expect(engine.takeCiphertext().isEmpty)
    }
}
