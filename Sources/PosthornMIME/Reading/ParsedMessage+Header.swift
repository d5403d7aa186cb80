import Posthorn

/// The header as values. What cannot be read is left out here and stays reachable in ``ParsedMessage/fields``.
extension ParsedMessage {
    /// The subject as people read it; `nil` if there is none.
    public var subject: String? { fields["Subject"] }

    /// The mailboxes of From, groups taken apart; of the first one, if there are several.
    public var from: [ReadMailbox] { firstMailboxes("From") }
    /// The mailbox of Sender.
    public var sender: ReadMailbox? { firstMailboxes("Sender").first }
    /// The mailboxes of Reply-To.
    public var replyTo: [ReadMailbox] { firstMailboxes("Reply-To") }
    /// The mailboxes of To; like those of Cc and Bcc, of all fields of that name (RFC 5322 section 4.5.3).
    public var to: [ReadMailbox] { mailboxes("To") }
    /// The mailboxes of Cc.
    public var cc: [ReadMailbox] { mailboxes("Cc") }
    /// The mailboxes of Bcc, which only the sender's own copy has.
    public var bcc: [ReadMailbox] { mailboxes("Bcc") }

    /// The mailboxes in all fields of a name.
    public func mailboxes(_ name: String) -> [ReadMailbox] {
        fields.all(name).flatMap { AddressReading.read($0.value).mailboxes }
    }

    private func firstMailboxes(_ name: String) -> [ReadMailbox] {
        fields.first(name).map { AddressReading.read($0.value).mailboxes } ?? []
    }

    /// The date that the author gave; `nil` if there is none that can be read.
    public var date: DateReading? { fields.first("Date").flatMap { DateReading.read($0.value) } }

    /// The Message-ID with its angle brackets, if it has them; `nil` if there is none.
    public var messageID: String? {
        guard let field = fields.first("Message-ID"), let id = MessageIDReading.read(field.value).ids.first else {
            return nil
        }
        let isBare = !field.value.contains(UInt8(ascii: "<"))
        return isBare ? String(id.dropFirst().dropLast()) : id
    }
    /// The messages that this one answers.
    public var inReplyTo: [String] { fields.all("In-Reply-To").flatMap { MessageIDReading.read($0.value).ids } }
    /// The conversation that this message is a part of, oldest first.
    public var references: [String] { fields.all("References").flatMap { MessageIDReading.read($0.value).ids } }
}
