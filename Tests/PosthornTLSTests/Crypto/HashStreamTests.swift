import PosthornTLS
import Testing

@Suite struct HashStreamTests {
    @Test func `Pieces hash like the whole, one message after the other`() throws {
        let stream = try HashStream(.sha256)
        for length in [0, 1, 63, 64, 65, 1_000] {
            let octets = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let expected = try HashAlgorithm.sha256.hash(octets)
            for octet in octets { try stream.update([octet]) }
            #expect(try stream.finish() == expected)
            try stream.update([1, 2, 3])
            try stream.reset()
            try stream.update(octets)
            var result = [UInt8](repeating: 0, count: 32)
            try result.withUnsafeMutableBytes { try stream.finish(into: $0) }
            #expect(result == expected)
        }
    }

    @Test func `A hash does not fit into space of another length`() throws {
        let stream = try HashStream(.sha512)
        var result = [UInt8](repeating: 0, count: 32)
        #expect(throws: TLSError.self) {
            try result.withUnsafeMutableBytes { try stream.finish(into: $0) }
        }
    }
}
