import PosthornTLS
import TestSupport
import Testing

/// Garbage and changed octets: never a crash, never a wrong result, always an error with a code.
@Suite(.computing) struct HostileOctetsTests {

    private func mutate(_ octets: [UInt8], _ numbers: inout SeededGenerator) -> [UInt8] {
        guard !octets.isEmpty else { return octets }
        var result = octets
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
            guard !result.isEmpty else { break }
            let index = Int.random(in: 0..<result.count, using: &numbers)
            switch Int.random(in: 0..<5, using: &numbers) {
            case 0, 1: result[index] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            case 2: result[index] = UInt8.random(in: 0...255, using: &numbers)
            case 3: result.insert(UInt8.random(in: 0...255, using: &numbers), at: index)
            default: result.removeSubrange(index..<min(index + Int.random(in: 1...40, using: &numbers), result.count))
            }
        }
        return result
    }

    @Test(arguments: [TLSVersion.v1_2, .v1_3])
    func `changed handshakes end in an error or are refused by the other side`(version: TLSVersion) throws {
        let authority = try CertificateAuthority.shared
        let client = try Setup.client(trusting: authority.certificate)
        let server = try Setup.server(
            CertificateAuthority.sharedIntermediate.issue(.init(names: ["mail.example.org"]))
        ) { $0.maximumVersion = version }
        var numbers = SeededGenerator(seed: 4711)
        var refused = 0
        for round in 0..<1500 {
            let pair = try Setup.pair(client, server)
            var changes = 0
            let target = Int.random(in: 1...2, using: &numbers)
            pair.tamper = { [self] octets in
                if octets.isEmpty { return octets }
                changes += 1
                return changes == target ? mutate(octets, &numbers) : octets
            }
            if round % 10 == 0 { pair.pieceSize = 100 }
            pair.shake()
            for error in [pair.clientError, pair.serverError].compactMap(\.self) {
                #expect(error.code != .internalFailure && error.code != .configuration, "\(error)")
                #expect(!error.message.isEmpty)
            }
            if pair.clientError != nil || pair.serverError != nil || pair.client.receivedEOF() != nil { refused += 1 }
            // Data is never delivered wrong.
            #expect(pair.clientGot.isEmpty && pair.serverGot.isEmpty)
        }
        #expect(refused > 1400)
    }

    @Test func `changed data is never delivered`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]))
        try expectConnected(pair)
        try pair.server.write(Array("250 accepted".utf8))
        var octets = pair.server.takeCiphertext()
        octets[octets.count - 3] ^= 1
        try pair.client.receive(octets)
        let error = catching { _ = try pair.client.takePlaintext() }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message.contains("a virus scanner") == true)
        // The alert for the peer is there to be sent.
        #expect(pair.client.hasCiphertext)
    }

    @Test func `garbage is refused by both sides`() throws {
        let authority = try CertificateAuthority.shared
        let client = try Setup.client(trusting: authority.certificate)
        let server = try Setup.server(authority.issue(.init(names: ["mail.example.org"])))
        var numbers = SeededGenerator(seed: 1)
        for round in 0..<2000 {
            let pair = try Setup.pair(client, server)
            let engine = round % 2 == 0 ? pair.client : pair.server
            try engine.start()
            var garbage = (0..<Int.random(in: 0...600, using: &numbers)).map { _ in
                UInt8.random(in: 0...255, using: &numbers)
            }
            // Most of it looks like the record of a handshake at first.
            if round % 4 != 0 {
                garbage =
                    [0x16, 3, UInt8(round % 5), UInt8(round % 3), UInt8(round % 251), UInt8(round % 25)] + garbage
            }
            let error = catching { try engine.receive(garbage) } ?? engine.receivedEOF()
            #expect(error != nil)
            #expect(error?.code != .internalFailure)
        }
    }
}
