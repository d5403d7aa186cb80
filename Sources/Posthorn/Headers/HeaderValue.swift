/// The value of a header field, as what it means and not as it is written.
public struct HeaderValue: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case text(String)
        case addresses(AddressList)
        case messageIDs([String])
        case tokens(String)
        case named(String, String)
        case raw([UInt8])
    }
    let kind: Kind

    /// Text for people, any Unicode characters; written as encoded words (RFC 2047) where the way carries ASCII only.
    ///
    /// In a field that has a grammar of its own (From, Message-ID, List-Unsubscribe …) the text is read by that
    /// grammar when the field is written.
    public static func text(_ text: String) -> HeaderValue { HeaderValue(kind: .text(text)) }

    /// Mailboxes and groups.
    public static func addresses(_ list: AddressList) -> HeaderValue { HeaderValue(kind: .addresses(list)) }

    /// One mailbox.
    public static func mailbox(_ mailbox: Mailbox) -> HeaderValue { .addresses(AddressList([mailbox])) }

    /// Message identifiers, with or without angle brackets.
    public static func messageIDs(_ ids: [String]) -> HeaderValue { HeaderValue(kind: .messageIDs(ids)) }

    /// Structured ASCII text such as `auto-generated` or `<https://example.org/u>`. It may be folded at its spaces.
    public static func tokens(_ text: String) -> HeaderValue { HeaderValue(kind: .tokens(text)) }

    /// A name for people and an identifier in angle brackets, such as List-Id holds (RFC 2919).
    public static func named(_ name: String, _ identifier: String) -> HeaderValue {
        HeaderValue(kind: .named(name, identifier))
    }

    /// A point of time, in seconds since 1970, and the offset from UTC that it is shown with.
    public static func date(secondsSinceEpoch: Int64, offsetMinutes: Int = 0) -> HeaderValue {
        .tokens(DateField.format(secondsSinceEpoch: secondsSinceEpoch, offsetMinutes: offsetMinutes))
    }

    /// Octets that are written exactly as they are after the colon, folds included. The last line end is added.
    ///
    /// Line breaks are taken only where the next line begins with a space or tab.
    public static func raw(_ octets: [UInt8]) -> HeaderValue { HeaderValue(kind: .raw(octets)) }

    /// The value as text for people, on one line and decoded.
    public var text: String {
        switch kind {
        case .text(let text), .tokens(let text): text
        case .addresses(let list): list.description
        case .named(let name, let identifier): name.isEmpty ? "<\(identifier)>" : "\(name) <\(identifier)>"
        case .messageIDs(let ids): ids.map { MessageID.bracketed($0) }.joined(separator: " ")
        case .raw(let octets):
            EncodedWordDecoder.decode(String(decoding: HeaderBlock.unfolded(octets), as: UTF8.self).trimmed())
        }
    }

    /// The addresses, if the value is an address list or can be read as one.
    public var addresses: AddressList? {
        switch kind {
        case .addresses(let list): list
        case .text(let text), .tokens(let text): try? AddressList.parse(text)
        case .messageIDs, .named: nil
        // Not decoded first: an encoded comma must not separate.
        case .raw(let octets):
            try? AddressList.parse(String(decoding: HeaderBlock.unfolded(octets), as: UTF8.self))
        }
    }
}

/// A header field: name and value.
public struct HeaderField: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public var name: HeaderName
    /// The value.
    public var value: HeaderValue

    /// Creates a field.
    public init(_ name: HeaderName, _ value: HeaderValue) {
        self.name = name
        self.value = value
    }

    /// Creates a field of a name and text.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if the name is not valid.
    public init(_ name: String, _ text: String) throws {
        self.init(try HeaderName(name), .text(text))
    }

    /// The value as text for people.
    public var text: String { value.text }

    /// `Name: text`, safe to be shown.
    public var description: String { "\(name): \(PeerText.shown(text))" }

    /// Whether the field can be written only where UTF-8 is allowed: it holds an address whose local part is not ASCII.
    public var needsUTF8: Bool {
        switch value.kind {
        case .addresses(let list): list.addresses.contains { $0.needsUTF8 }
        case .text(let text):
            name.grammar == .addresses && !text.utf8.allSatisfy { $0 < 0x80 }
                && ((try? AddressList.parse(text))?.addresses.contains { $0.needsUTF8 } ?? false)
        case .raw(let octets): octets.contains { $0 >= 0x80 }
        case .tokens, .messageIDs, .named: false
        }
    }

    /// The field as octets, folded at 78 columns where that is possible and never longer than 998 octets a line, with
    /// CRLF at the end.
    ///
    /// - Parameter utf8: whether the field may hold UTF-8 (RFC 6532); otherwise it is ASCII, with encoded words and
    ///   domains as A-labels.
    /// - Throws: ``MailError`` with code `invalid-message` if the value holds a line break or NUL, or `invalid-address`
    ///   if an address cannot be written without UTF-8; the text names the field.
    public func serialized(utf8: Bool) throws -> [UInt8] {
        var writer = HeaderWriter(field: name.text, utf8: utf8)
        try writer.write(self)
        return writer.octets
    }
}
