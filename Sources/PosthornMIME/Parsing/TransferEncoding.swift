/// A Content-Transfer-Encoding (RFC 2045 section 6).
public struct TransferEncoding: Hashable, Sendable, CustomStringConvertible {
    /// The name in lower case, as it was read: `base64`, `quoted-printable`, `7bit` …
    public let name: String

    let method: Method

    enum Method: Hashable, Sendable { case identity, base64, quotedPrintable, uuencode, unknown }

    /// The encoding of that name. Space, comments, quotation marks and what else stands behind the name do no harm.
    public init(_ text: some Collection<UInt8>) {
        let isMark: (UInt8) -> Bool = { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
        let word = text.drop(while: isMark).prefix { !isMark($0) && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "(") }
        let name = String(decoding: word.prefix(80), as: UTF8.self).lowercased()
        self.name = name
        method =
            switch name {
            case "", "7bit", "8bit", "binary", "7", "8", "7-bit", "8-bit", "none", "text", "plain": .identity
            case "base64", "base-64": .base64
            case "quoted-printable", "quotedprintable", "quoted": .quotedPrintable
            case "x-uuencode", "uuencode", "x-uue", "uue": .uuencode
            default: .unknown
            }
    }

    /// `7bit`, which counts where no field says anything.
    public static let sevenBit = TransferEncoding("7bit".utf8)

    /// Whether the octets are the body itself: `7bit`, `8bit`, `binary`, and what is not known.
    public var isIdentity: Bool { method == .identity || method == .unknown }

    /// Whether this library knows it.
    public var isKnown: Bool { method != .unknown }

    func makeDecoder() -> TransferDecoder { TransferDecoder(self) }

    /// The name.
    public var description: String { name }
}
