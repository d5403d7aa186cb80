/// Hexadecimal digits, as escapes of all kinds have them.
enum HexDigit {
    /// The value of a digit, in upper or lower case; `nil` if it is none.
    @inline(__always)
    static func value(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x37
        case 0x61...0x66: octet - 0x57
        default: nil
        }
    }
}
