import PosthornTLS
import TestSupport
import Testing

/// Large data, both ways of reading.
@Suite(.computing) struct BulkDataTests {
    @Test func `50 MB arrive intact`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]))
        let chunk = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        for round in 0..<50 {
            try pair.client.write(chunk)
            let octets = pair.client.takeCiphertext()
            #expect(octets.count > chunk.count && octets.count < chunk.count + 64 * 70)
            var count = 0
            if round % 2 == 0 {
                // What is lent and not read stays there for later.
                try pair.server.receive(octets)
                while count < buffer.count {
                    count += try buffer.withUnsafeMutableBytes { target in
                        try pair.server.readPlaintext(into: .init(rebasing: target[count..<min(count + 5000, 1 << 20)]))
                    }
                }
            } else {
                count = try octets.withUnsafeBytes { octets in
                    try pair.server.receive(octets) { () throws(TLSError) -> Int in
                        var total = 0
                        var caught: TLSError?
                        buffer.withUnsafeMutableBytes { target in
                            do throws(TLSError) {
                                total = try pair.server.readPlaintext(into: target)
                            } catch {
                                caught = error
                            }
                        }
                        if let caught { throw caught }
                        return total
                    }
                }
            }
            #expect(count == chunk.count)
            #expect(buffer == chunk)
        }
        try expectConnected(pair)
    }

    @Test func `one write of 20 MB and one read of it`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]))
        let data = [UInt8](repeating: 42, count: 20 << 20)
        try pair.server.write(data)
        pair.move()
        #expect(pair.clientGot == data)
    }

    @Test func `empty writes and reads change nothing`() throws {
        let pair = try Setup.shake(.init(names: ["mail.example.org"]))
        try pair.client.write([])
        #expect(!pair.client.hasCiphertext)
        try pair.server.receive([])
        #expect(try pair.server.takePlaintext().isEmpty)
        try expectConnected(pair)
    }
}
