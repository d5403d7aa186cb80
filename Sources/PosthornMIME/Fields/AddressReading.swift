public import Posthorn

/// A mailbox as it stands in a message that was received; its address may be no valid one.
public struct ReadMailbox: Hashable, Sendable {
    /// The display name as people read it, or the comment that stood for it; `nil` if there is none.
    public var name: String?
    /// The address as it is written, without white space, comments and source route. It may be empty or invalid.
    public var address: String
    /// The name of the group that it is in.
    public var group: String?

    /// Creates a mailbox.
    public init(name: String? = nil, address: String, group: String? = nil) {
        self.name = name
        self.address = address
        self.group = group
    }

    /// The mailbox for use; `nil` if its address is not valid.
    public var mailbox: Mailbox? {
        guard let address = try? EmailAddress(address) else { return nil }
        return Mailbox(name: name, address: address)
    }
}

/// An address list that was read: the value of From, To, Cc, Reply-To and the like (RFC 5322 section 3.4, with the
/// obsolete forms of section 4.4 and those that no standard has).
public struct AddressReading: Hashable, Sendable {
    /// A group of mailboxes.
    public struct Group: Hashable, Sendable {
        /// The name as people read it.
        public var name: String
        /// Which of the mailboxes are its members; there may be none.
        public var members: Range<Int>
    }

    /// All mailboxes in their order, those of groups included.
    public internal(set) var mailboxes: [ReadMailbox] = []
    /// The groups in their order, those without members included.
    public internal(set) var groups: [Group] = []
    /// What was wrong with the value.
    public internal(set) var defects: ReadingDefects = []

    /// Reads the value of an address field. Never fails; takes time and memory in proportion to the value.
    ///
    /// - Parameter octets: the value as it stands in the header, with folds.
    public static func read(_ octets: some Collection<UInt8>) -> AddressReading {
        var reader = AddressReader(FieldText.unfolded(octets))
        return reader.read()
    }

    /// The mailboxes with valid addresses, and all groups, for a message to be written.
    public var addressList: AddressList {
        var list = AddressList()
        var next = 0
        for group in groups {
            appendMailboxes(next..<max(next, group.members.lowerBound), to: &list)
            list.append(AddressGroup(name: group.name, members: mailboxes[group.members].compactMap(\.mailbox)))
            next = group.members.upperBound
        }
        appendMailboxes(next..<max(next, mailboxes.count), to: &list)
        return list
    }

    private func appendMailboxes(_ range: Range<Int>, to list: inout AddressList) {
        for mailbox in mailboxes[range] {
            if let valid = mailbox.mailbox { list.append(valid) }
        }
    }
}
