import Posthorn
import PosthornNet

/// Keeps a secret out of what is shown and stored, even if a server repeats it: as it is, in base64, inside longer base64
/// (as in the response of PLAIN), and cut off at its end.
struct SecretMask {
    private var patterns: [[UInt8]] = []

    /// This much of the beginning of a pattern gives away enough to be masked.
    private static let telling = 8
    /// One or two octets occur everywhere: masking them would hide the text and no secret.
    private static let shortest = 3
    private static let replacement = Array("<secret>".utf8)
    /// What lies beyond is never shown.
    private static let limit = 64 * 1024

    init(_ secrets: [Secret] = []) {
        for secret in secrets { add(secret.withBytes { Array($0) }) }
    }

    /// Adds what a line sends as secret.
    mutating func add(_ text: WireText) {
        for range in text.secretRanges { insert(Array(text.octets[range])) }
    }

    private mutating func add(_ secret: [UInt8]) {
        insert(secret)
        guard secret.count >= 6 else { return insert(Base64.encode(secret)) }
        insert(Base64.encode(secret))
        // Behind one or two other octets the same octets look different in base64; only the digits that depend on the
        // secret alone are compared.
        for before in 0..<3 {
            let encoded = Base64.encode(repeatElement(0, count: before) + secret)
            let start = (before * 8 + 5) / 6
            let end = (before + secret.count) * 8 / 6
            if start < end, end <= encoded.count { insert(Array(encoded[start..<end])) }
        }
    }

    private mutating func insert(_ pattern: [UInt8]) {
        guard pattern.count >= Self.shortest, !patterns.contains(pattern) else { return }
        patterns.append(pattern)
    }

    /// The octets without the secrets.
    func masked(_ octets: some Sequence<UInt8>) -> [UInt8] {
        let octets = Array(octets.prefix(Self.limit))
        guard !patterns.isEmpty else { return octets }
        let beginnings = Set(patterns.compactMap(\.first))
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            let found = beginnings.contains(octets[index]) ? lengthOfSecret(in: octets[index...]) : 0
            if found > 0 {
                result += Self.replacement
                index += found
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return result
    }

    /// How many octets at the beginning of a text belong to a secret.
    private func lengthOfSecret(in text: ArraySlice<UInt8>) -> Int {
        var longest = 0
        for pattern in patterns {
            let common = zip(text, pattern).prefix { $0 == $1 }.count
            if common == pattern.count || common >= Self.telling { longest = max(longest, common) }
        }
        return longest
    }

    /// The text without the secrets.
    func masked(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: masked(text.utf8), as: UTF8.self)
    }

    /// The reply without the secrets.
    func masked(_ reply: SMTPReply) -> SMTPReply {
        patterns.isEmpty ? reply : SMTPReply(code: reply.code, text: masked(reply.text))
    }
}

extension SecretMask: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<secret>`
    var description: String { "<secret>" }
    /// `<secret>`
    var debugDescription: String { "<secret>" }
    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
