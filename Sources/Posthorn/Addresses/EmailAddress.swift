/// One mail address: local part and domain (RFC 5321 section 4.1.2, RFC 6531 section 3.3).
///
/// An address that exists is safe to be written into a command or a header field: it holds no line break, no NUL
/// and no other control character, not even inside a quoted local part.
///
/// Two addresses are equal if their local parts are the same octets and their domains differ in case only.
public struct EmailAddress: Sendable {
    /// The local part without quotes.
    public let localPart: String
    /// The domain as it was given, U-labels or A-labels, or an address literal in brackets.
    public let domain: String

    /// The most octets that a local part may have (RFC 5321 section 4.5.3.1.1).
    public static let longestLocalPart = 64
    /// The most octets that a domain may have (RFC 5321 section 4.5.3.1.2).
    public static let longestDomain = 255

    /// An address of its text, such as `orders@supplier.example`, `"with space"@example.org`, `käthe@grüße.example`
    /// or `root@[127.0.0.1]`.
    ///
    /// - Throws: ``MailError`` with code `invalid-address`; the text names the address and what is wrong with it.
    public init(_ text: String) throws {
        let (localPart, domain) = try Self.split(text)
        try self.init(localPart: localPart, domain: domain, shownAs: text)
    }

    /// An address of its two parts.
    ///
    /// - Parameters:
    ///   - localPart: the local part without quotes; it may hold spaces and specials.
    ///   - domain: a domain name of U-labels or A-labels, or an address literal in brackets.
    /// - Throws: ``MailError`` with code `invalid-address`.
    public init(localPart: String, domain: String) throws {
        try self.init(localPart: localPart, domain: domain, shownAs: "\(localPart)@\(domain)")
    }

    /// An address whose parts have been checked already.
    init(known localPart: String, domain: String) {
        self.localPart = localPart
        self.domain = domain
    }

    private init(localPart: String, domain: String, shownAs text: String) throws {
        func invalid(_ reason: String) -> MailError { Self.invalid(text, reason) }
        guard localPart.utf8.count <= Self.longestLocalPart else {
            throw invalid(
                "the part before the '@' has \(localPart.utf8.count) octets, \(Self.longestLocalPart) are allowed"
            )
        }
        if let problem = AddressSyntax.localPartProblem(localPart) { throw invalid(problem) }
        if let problem = AddressSyntax.domainProblem(domain) { throw invalid(problem) }
        self.localPart = localPart
        self.domain = domain
    }

    /// Whether the local part needs SMTPUTF8 (RFC 6531). A domain alone does not: see ``withASCIIDomain()``.
    public var needsUTF8: Bool { !localPart.utf8.allSatisfy { $0 < 0x80 } }

    /// Whether the domain is an address literal such as `[127.0.0.1]`.
    public var hasAddressLiteral: Bool { domain.utf8.first == UInt8(ascii: "[") }

    /// The form for SMTP paths and header fields, without angle brackets; the local part is quoted where it must be.
    public var wireText: String {
        AddressSyntax.isDotAtom(localPart) ? "\(localPart)@\(domain)" : "\(AddressSyntax.quoted(localPart))@\(domain)"
    }

    /// Appends the octets of ``wireText``.
    package func appendWireText(to octets: inout [UInt8]) {
        if AddressSyntax.isDotAtom(localPart) {
            octets.append(contentsOf: localPart.utf8)
        } else {
            octets.append(contentsOf: AddressSyntax.quoted(localPart).utf8)
        }
        octets.append(UInt8(ascii: "@"))
        octets.append(contentsOf: domain.utf8)
    }

    /// The address with its domain as A-labels (IDNA, UTS #46), for ways that carry ASCII only.
    ///
    /// - Throws: ``MailError`` with code `invalid-address` if the domain has no such form.
    public func withASCIIDomain() throws -> EmailAddress {
        guard !domain.utf8.allSatisfy({ $0 < 0x80 }) else { return self }
        guard let ascii = DomainName.asciiForm(of: domain) else {
            throw Self.invalid(
                wireText,
                "the domain '\(PeerText.shown(domain))' has no ASCII form (IDNA); check its spelling"
            )
        }
        return try EmailAddress(localPart: localPart, domain: ascii, shownAs: wireText)
    }

    private static func invalid(_ text: String, _ reason: String) -> MailError {
        MailError(.invalidAddress, "'\(PeerText.shown(text, limit: 400))' is not a valid mail address: \(reason)")
    }

    /// Finds the `@` between local part and domain, and takes the quotes off.
    private static func split(_ text: String) throws -> (localPart: String, domain: String) {
        guard text.utf8.first == UInt8(ascii: "\"") else {
            guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else {
                throw invalid(text, "the '@' is missing; write it as name@domain")
            }
            let localPart = String(text[..<at])
            if let problem = AddressSyntax.dotAtomProblem(localPart) { throw invalid(text, problem) }
            return (localPart, String(text[text.utf8.index(after: at)...]))
        }
        var localPart: [UInt8] = []
        let octets = text.utf8
        var index = octets.index(after: octets.startIndex)
        while index < octets.endIndex, octets[index] != UInt8(ascii: "\"") {
            if octets[index] == UInt8(ascii: "\\") {
                octets.formIndex(after: &index)
                guard index < octets.endIndex else { break }
            }
            localPart.append(octets[index])
            octets.formIndex(after: &index)
        }
        guard index < octets.endIndex else { throw invalid(text, "the closing quotation mark is missing") }
        octets.formIndex(after: &index)
        guard index < octets.endIndex, octets[index] == UInt8(ascii: "@") else {
            throw invalid(text, "an '@' must follow the quoted part")
        }
        return (String(decoding: localPart, as: UTF8.self), String(text[octets.index(after: index)...]))
    }
}

extension EmailAddress: Hashable {
    /// Local parts octet by octet, domains without regard to case.
    public static func == (left: EmailAddress, right: EmailAddress) -> Bool {
        // `String ==` would take canonically equivalent local parts for one, which two mailboxes may have.
        left.localPart.utf8.elementsEqual(right.localPart.utf8)
            && (left.domain == right.domain || left.domain.lowercased() == right.domain.lowercased())
    }

    /// Fits `==`.
    public func hash(into hasher: inout Hasher) {
        for octet in localPart.utf8 { hasher.combine(octet) }
        hasher.combine(domain.lowercased())
    }
}

extension EmailAddress: CustomStringConvertible {
    /// The address as it is written in a message; the local part is quoted where it must be.
    public var description: String { wireText }
}
