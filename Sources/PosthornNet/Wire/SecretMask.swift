package import Posthorn

/// Keeps a secret out of what is shown and stored, even if a server repeats it: as it is, in base64, inside longer base64
/// (as in the response of PLAIN), and cut off at its end.
package struct SecretMask: Sendable {
    /// What must stay hidden as long as the connection lasts.
    private var secrets: [[UInt8]] = []
    /// What was sent as a secret; bounded, so that a host that signs in for days does not fill the memory.
    private var sent: [[UInt8]] = []

    /// What may be shown although it is sent like a secret: the user's name, which LOGIN sends.
    package var visible: [[UInt8]] = []

    private static let sentLimit = 64
    /// This much of the beginning of a pattern gives away enough to be masked.
    private static let telling = 8
    /// One or two octets occur everywhere: masking them would hide the text and no secret.
    private static let shortest = 3
    private static let replacement = Array(WireText.mask.utf8)
    /// What lies beyond is never shown.
    private static let limit = 64 * 1024

    /// A mask for secrets.
    package init(_ secrets: [Secret] = []) {
        for secret in secrets { add(secret) }
    }

    /// Adds a secret.
    package mutating func add(_ secret: Secret) {
        let octets = secret.withBytes { Array($0) }
        for form in [octets, Base64.encode(octets)] + Self.insideBase64(octets) where isNew(form) {
            secrets.append(form)
        }
    }

    /// Adds what a text sends as secret.
    package mutating func add(_ text: WireText) {
        for range in text.secretRanges {
            let octets = Array(text.octets[range])
            for form in [octets, Base64.decode(octets) ?? []] where isNew(form) && !visible.contains(form) {
                if sent.count >= Self.sentLimit { sent.removeFirst() }
                sent.append(form)
            }
        }
    }

    /// Behind one or two other octets the same octets look different in base64; only the digits that depend on the
    /// secret alone are compared.
    private static func insideBase64(_ secret: [UInt8]) -> [[UInt8]] {
        guard secret.count >= 6 else { return [] }
        return (0..<3).compactMap { before in
            let encoded = Base64.encode(repeatElement(0, count: before) + secret)
            let start = (before * 8 + 5) / 6
            let end = (before + secret.count) * 8 / 6
            return start < end && end <= encoded.count ? Array(encoded[start..<end]) : nil
        }
    }

    private func isNew(_ form: [UInt8]) -> Bool {
        form.count >= Self.shortest && !secrets.contains(form) && !sent.contains(form)
    }

    /// Whether there is nothing to be hidden.
    package var isEmpty: Bool { secrets.isEmpty && sent.isEmpty }

    /// The octets, at most the first 64 KiB, with `<secret>` for every secret.
    package func masked(_ octets: some Sequence<UInt8>) -> [UInt8] {
        let octets = Array(octets.prefix(Self.limit))
        guard !isEmpty else { return octets }
        let beginnings = Set((secrets + sent).compactMap(\.first))
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

    /// The text with `<secret>` for every secret.
    package func masked(_ text: String) -> String {
        isEmpty ? text : String(decoding: masked(text.utf8), as: UTF8.self)
    }

    /// How many octets at the beginning of a text belong to a secret.
    private func lengthOfSecret(in text: ArraySlice<UInt8>) -> Int {
        var longest = 0
        for pattern in secrets { longest = max(longest, Self.length(of: pattern, in: text)) }
        for pattern in sent { longest = max(longest, Self.length(of: pattern, in: text)) }
        return longest
    }

    private static func length(of pattern: [UInt8], in text: ArraySlice<UInt8>) -> Int {
        var common = 0
        while common < pattern.count, common < text.count, pattern[common] == text[text.startIndex + common] {
            common += 1
        }
        return common == pattern.count || common >= telling ? common : 0
    }
}

extension SecretMask: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<secret>`
    package var description: String { WireText.mask }
    /// `<secret>`
    package var debugDescription: String { WireText.mask }
    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
