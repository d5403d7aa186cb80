/// An address in a report with its type: `rfc822; anna@muster.example` (RFC 3464 section 2.1.2).
public struct ReportAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address type in lower case, such as `rfc822`, `utf-8` or `x400`; empty if the report gives none.
    public var type: String
    /// The address, without angle brackets; that of the type `utf-8` is decoded (RFC 6533).
    public var text: String

    /// Creates an address.
    public init(type: String = "rfc822", text: String) {
        self.type = type
        self.text = text
    }

    /// Reads `type; address`.
    init(_ value: String) {
        let (type, text) = ReportText.typed(value)
        let address = ReportText.withoutBrackets(text)
        self.type = type
        self.text = type == "utf-8" ? XText.decodeUTF8Address(address) : address
    }

    /// The address as it was if the report left it as `xtext` (RFC 3461): servers have to decode it, but some do not.
    /// `nil` if it is not xtext, or the same.
    ///
    /// `anna+2Btag@muster.example` can be either; compare what you look for with both.
    public var xtextDecoded: String? {
        guard let decoded = XText.decode(text), decoded != text else { return nil }
        return type == "utf-8" ? XText.decodeUTF8Address(decoded) : decoded
    }

    /// `rfc822; anna@muster.example`
    public var description: String { type.isEmpty ? text : "\(type); \(text)" }
}

/// A host in a report with the type of its name: `dns; mx.muster.example` (RFC 3464 section 2.1.2).
public struct ReportHost: Hashable, Sendable, CustomStringConvertible {
    /// The type in lower case, such as `dns` or `x-local-hostname`; empty if the report gives none.
    public var type: String
    /// The name, as the report has it.
    public var name: String

    /// Creates a host.
    public init(type: String = "dns", name: String) {
        self.type = type
        self.name = name
    }

    /// Reads `type; name`.
    init(_ value: String) {
        (type, name) = ReportText.typed(value)
    }

    /// `dns; mx.muster.example`
    public var description: String { type.isEmpty ? name : "\(type); \(name)" }
}
