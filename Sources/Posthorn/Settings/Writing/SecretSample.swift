/// Names for the environment variables of samples.
enum SecretSample {
    /// `POSTHORN_SMTP_PASSWORD` for `outgoing.smtp.password`.
    static func variable(for path: String) -> String {
        let words = path.split(separator: ".").dropFirst(path.contains(".") ? 1 : 0)
        let name = words.joined(separator: "_").utf8.map { octet -> UInt8 in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): octet - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): octet
            default: UInt8(ascii: "_")
            }
        }
        return "POSTHORN_" + String(decoding: name, as: UTF8.self)
    }
}
