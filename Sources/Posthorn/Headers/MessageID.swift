/// Message identifiers (RFC 5322 section 3.6.4).
public enum MessageID {
    /// A new identifier with angle brackets, unique in the world.
    ///
    /// - Parameter domain: the part after the `@`; the sender's domain is best. A domain that has no ASCII form is
    ///   replaced by `localhost.invalid`.
    public static func make(domain: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let time = String(UInt64(clamping: DateField.now()), radix: 36)
        let random = [generator.next(), generator.next()].map { (part: UInt64) in String(part, radix: 36) }
        var right = "localhost.invalid"
        if AddressSyntax.domainProblem(domain) == nil {
            if domain.utf8.allSatisfy({ $0 < 0x80 }) {
                right = domain
            } else if let ascii = DomainName.asciiForm(of: domain) {
                right = ascii
            }
        }
        return "<\(time).\(random[0]).\(random[1])@\(right)>"
    }

    /// The identifier with angle brackets, whether it had them or not.
    static func bracketed(_ id: String) -> String {
        id.utf8.first == UInt8(ascii: "<") && id.utf8.last == UInt8(ascii: ">") ? id : "<\(id)>"
    }

    /// Whether a text can be written as an identifier: printable ASCII without spaces, one pair of angle brackets at most.
    static func isUsable(_ id: String) -> Bool {
        let inside = bracketed(id).utf8.dropFirst().dropLast()
        return (1...990).contains(inside.count)
            && inside.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }
}
