@testable import PosthornMIME

/// What a body decodes to: by the decoder, in pieces, and slowly, octet by octet.
struct FuzzDecoding: Equatable {
    var octets: [UInt8] = []
    var defects: TransferDefects = []

    static func of(_ octets: [UInt8], _ encoding: String, sizes: [Int]) -> FuzzDecoding {
        var decoder = TransferDecoder(TransferEncoding(encoding.utf8))
        var result = FuzzDecoding()
        octets.withUnsafeBytes { all in
            var position = 0
            var turn = 0
            while position < all.count {
                let size = sizes.isEmpty ? all.count : sizes[turn % sizes.count]
                let end = min(all.count, position + size)
                decoder.decode(UnsafeRawBufferPointer(rebasing: all[position..<end]), into: &result.octets)
                position = end
                turn += 1
            }
        }
        decoder.finish(into: &result.octets)
        result.defects = decoder.defects
        return result
    }

    /// Base64 by the book: groups of four, padding ends a group, everything else is passed over.
    static func base64(_ octets: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        var group: [Int] = []
        func end() {
            // 6 bits each, and only whole octets.
            let bits = group.reduce(0) { $0 << 6 | $1 }
            let surplus = group.count * 6 % 8
            for place in (0..<group.count * 6 / 8).reversed() {
                result.append(UInt8(truncatingIfNeeded: bits >> (surplus + place * 8)))
            }
            group = []
        }
        for octet in octets {
            if let value = alphabet.firstIndex(of: octet) {
                group.append(value)
                if group.count == 4 { end() }
            } else if octet == UInt8(ascii: "=") {
                end()
            }
        }
        end()
        return result
    }

    /// Quoted-printable by the book (RFC 2045 section 6.7), line by line.
    static func quotedPrintable(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
            var end = rest.dropFirst(line.count)
            var lineEnd: [UInt8] = []
            if let first = end.popFirst() {
                lineEnd.append(first)
                if first == 0x0D, end.first == 0x0A, let second = end.popFirst() { lineEnd.append(second) }
            }
            rest = end
            var content = line
            while let last = content.last, last == 0x20 || last == 0x09 { content.removeLast() }
            let isSoft = content.last == UInt8(ascii: "=")
            if isSoft { content.removeLast() }
            while let octet = content.popFirst() {
                let digits = content.prefix(2)
                let text = String(decoding: digits, as: UTF8.self)
                if octet == UInt8(ascii: "="), digits.count == 2, digits.allSatisfy({ hex.contains($0) }),
                    let value = UInt8(text, radix: 16)
                {
                    result.append(value)
                    content = content.dropFirst(2)
                } else {
                    result.append(octet)
                }
            }
            if !isSoft { result += lineEnd }
        }
        return result
    }

    private static let hex = Set("0123456789abcdefABCDEF".utf8)
}
