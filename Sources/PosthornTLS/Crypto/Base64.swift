import COpenSSL

/// Base64 (RFC 4648, section 4) of short values such as pins.
enum Base64 {
    static func encode(_ octets: [UInt8]) -> String {
        guard !octets.isEmpty, octets.count <= 1 << 20 else { return "" }
        let capacity = (octets.count + 2) / 3 * 4 + 1
        let text = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialised in
            initialised = Int(max(EVP_EncodeBlock(buffer.baseAddress, octets, Int32(octets.count)), 0))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The octets, `nil` for text that is not exactly base64 with its padding.
    static func decode(_ text: String) -> [UInt8]? {
        let encoded = Array(text.utf8)
        guard !encoded.isEmpty, encoded.count % 4 == 0, encoded.count <= 1 << 20 else { return nil }
        let padding = encoded.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        var octets = [UInt8](repeating: 0, count: encoded.count / 4 * 3)
        let count = octets.withUnsafeMutableBufferPointer { buffer in
            EVP_DecodeBlock(buffer.baseAddress, encoded, Int32(encoded.count))
        }
        guard count >= padding else {
            ERR_clear_error()
            return nil
        }
        octets.removeLast(octets.count - Int(count) + padding)
        return encode(octets) == text ? octets : nil
    }
}
