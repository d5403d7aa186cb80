/// SHA-256 (FIPS 180-4), to compare what was sent with what arrived. Not for secrets: it takes no care of timing.
struct SHA256 {
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var schedule = [UInt32](repeating: 0, count: 64)
    /// The octets of a block that is not complete.
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    /// The digest of octets, in hexadecimal.
    static func hex(_ octets: some Collection<UInt8>) -> String {
        var hash = SHA256()
        hash.update(Array(octets).span.bytes)
        return hash.finish()
    }

    /// Takes more octets.
    mutating func update(_ octets: RawSpan) {
        octets.withUnsafeBytes { octets in
            count &+= UInt64(octets.count)
            var position = 0
            if !rest.isEmpty {
                position = min(64 - rest.count, octets.count)
                rest.append(contentsOf: octets[..<position])
                guard rest.count == 64 else { return }
                let block = rest
                block.withUnsafeBytes { process($0, 0) }
                rest.removeAll(keepingCapacity: true)
            }
            while position + 64 <= octets.count {
                process(octets, position)
                position += 64
            }
            rest.append(contentsOf: octets[position...])
        }
    }

    /// The digest, in hexadecimal.
    mutating func finish() -> String {
        let bits = count &* 8
        var padding: [UInt8] = [0x80]
        while (rest.count + padding.count) % 64 != 56 { padding.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        update(padding.span.bytes)
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func process(_ octets: UnsafeRawBufferPointer, _ start: Int) {
        for word in 0..<16 {
            schedule[word] = octets.loadUnaligned(fromByteOffset: start + word * 4, as: UInt32.self).bigEndian
        }
        for word in 16..<64 {
            let (old, new) = (schedule[word - 15], schedule[word - 2])
            let first = Self.rotated(old, 7) ^ Self.rotated(old, 18) ^ (old >> 3)
            let second = Self.rotated(new, 17) ^ Self.rotated(new, 19) ^ (new >> 10)
            schedule[word] = schedule[word - 16] &+ first &+ schedule[word - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let sum1 = Self.rotated(e, 6) ^ Self.rotated(e, 11) ^ Self.rotated(e, 25)
            let temporary1 = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ Self.constants[round] &+ schedule[round]
            let sum0 = Self.rotated(a, 2) ^ Self.rotated(a, 13) ^ Self.rotated(a, 22)
            let temporary2 = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e) = (g, f, e, d &+ temporary1)
            (d, c, b, a) = (c, b, a, temporary1 &+ temporary2)
        }
        for (position, value) in [a, b, c, d, e, f, g, h].enumerated() { state[position] &+= value }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
}
