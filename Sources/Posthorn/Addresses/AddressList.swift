/// A named group of mailboxes (RFC 5322 section 3.4), such as `undisclosed-recipients:;`.
public struct AddressGroup: Hashable, Sendable, CustomStringConvertible {
    /// The name as people read it.
    public var name: String
    /// The members; there may be none.
    public var members: [Mailbox]

    /// Creates a group.
    public init(name: String, members: [Mailbox] = []) {
        self.name = name
        self.members = members
    }

    /// `Name: a@example.org, b@example.org;`
    public var description: String {
        "\(Mailbox.shownName(name)):" + (members.isEmpty ? "" : " ")
            + members.map(\.description).joined(separator: ", ") + ";"
    }
}

/// Mailboxes and groups, as the fields From, To, Cc, Bcc and Reply-To hold them.
public struct AddressList: Hashable, Sendable {
    /// A mailbox or a group. RFC 5322 knows these two and no others.
    public enum Entry: Hashable, Sendable {
        /// One mailbox.
        case mailbox(Mailbox)
        /// A group of mailboxes.
        case group(AddressGroup)
    }

    /// The entries in their order.
    public var entries: [Entry]

    /// An empty list.
    public init() {
        entries = []
    }

    /// A list of mailboxes.
    public init(_ mailboxes: some Sequence<Mailbox>) {
        entries = mailboxes.map { .mailbox($0) }
    }

    /// Whether there is no entry at all.
    public var isEmpty: Bool { entries.isEmpty }

    /// All mailboxes in their order, those of groups included.
    public var mailboxes: [Mailbox] {
        var mailboxes: [Mailbox] = []
        mailboxes.reserveCapacity(entries.count)
        for entry in entries {
            switch entry {
            case .mailbox(let mailbox): mailboxes.append(mailbox)
            case .group(let group): mailboxes += group.members
            }
        }
        return mailboxes
    }

    /// The addresses of all mailboxes.
    public var addresses: [EmailAddress] {
        var addresses: [EmailAddress] = []
        addresses.reserveCapacity(entries.count)
        for entry in entries {
            switch entry {
            case .mailbox(let mailbox): addresses.append(mailbox.address)
            case .group(let group): for member in group.members { addresses.append(member.address) }
            }
        }
        return addresses
    }

    /// The address of the first mailbox. No array is made to find it.
    var firstAddress: EmailAddress? {
        for entry in entries {
            switch entry {
            case .mailbox(let mailbox): return mailbox.address
            case .group(let group): if let first = group.members.first { return first.address }
            }
        }
        return nil
    }

    /// Adds a mailbox at the end.
    public mutating func append(_ mailbox: Mailbox) {
        entries.append(.mailbox(mailbox))
    }

    /// Adds a group at the end.
    public mutating func append(_ group: AddressGroup) {
        entries.append(.group(group))
    }

    /// Adds the entries of another list at the end.
    public mutating func append(contentsOf list: AddressList) {
        entries.append(contentsOf: list.entries)
    }

    /// Reads the value of an address field: mailboxes and groups, separated by commas. Comments, obsolete forms and
    /// encoded words (RFC 2047) are understood, empty entries are passed over. An empty text is an empty list.
    ///
    /// Takes time in proportion to the length of the text.
    /// - Throws: ``MailError`` with code `invalid-address`, naming what is wrong; also for a line break or NUL.
    public static func parse(_ text: String) throws -> AddressList {
        let plain = text.utf8.withContiguousStorageIfAvailable { PlainAddresses.read($0) }
        if let list = plain ?? nil { return list }
        var parser = AddressParser(text)
        return try parser.parse()
    }

    /// Reads the value of an address field as it stands in a header, folds and line ends included.
    static func parse(unfolding octets: ArraySlice<UInt8>) throws -> AddressList {
        // A fold is nothing plain, but the line end behind the value belongs to the field, not to the list.
        let value = HeaderBlock.trimmed(octets)
        if let list = value.withUnsafeBufferPointer({ PlainAddresses.read($0) }) { return list }
        return try parse(HeaderBlock.unfoldedText(octets))
    }
}

extension AddressList: ExpressibleByArrayLiteral {
    /// A list of mailboxes.
    public init(arrayLiteral elements: Mailbox...) {
        self.init(elements)
    }
}

extension AddressList: CustomStringConvertible {
    /// For people: the entries, separated by commas.
    public var description: String {
        entries.map { entry in
            switch entry {
            case .mailbox(let mailbox): mailbox.description
            case .group(let group): group.description
            }
        }.joined(separator: ", ")
    }
}
