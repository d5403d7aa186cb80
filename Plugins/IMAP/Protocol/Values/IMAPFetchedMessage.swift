public import Posthorn

/// What a server says of one message (RFC 9051 section 7.5.2): whatever was asked for, and what changed meanwhile.
public struct IMAPFetchedMessage: Hashable, Sendable {
    /// The message's number in the folder at this moment. It changes when other messages go; ``uid`` does not.
    /// 0 in the answers of UIDONLY, which have no number (RFC 9586).
    public var number: UInt32
    /// The message's identifier in the folder.
    public var uid: UInt32?
    /// The flags. `\Recent` is among them if the server still sends it.
    public var flags: [MessageFlag]?
    /// When the message came into the store.
    public var internalDate: IMAPDateTime?
    /// The size in octets.
    public var size: UInt64?
    /// The header in short.
    public var envelope: IMAPEnvelope?
    /// The parts: with everything after `BODYSTRUCTURE`, in short after `BODY`.
    public var bodyStructure: IMAPBodyStructure?
    /// Whether ``bodyStructure`` came with the fields of BODYSTRUCTURE.
    public var isBodyStructureExtended = false
    /// The sections that were asked for.
    public var sections: [IMAPFetchedSection] = []
    /// The modification sequence (RFC 7162).
    public var modSequence: UInt64?
    /// The rarer items, if there are some.
    public var extras: IMAPFetchedExtras?

    /// A message without anything known.
    public init(number: UInt32) { self.number = number }
}

/// A section of a message that was asked for.
public struct IMAPFetchedSection: Hashable, Sendable {
    /// Which section. `RFC822` and its kind count as the section that they are.
    public var section: IMAPSection
    /// Whether the server has taken away the transfer encoding (`BINARY[…]`, RFC 3516).
    public var isBinary = false
    /// Where the octets begin in the section, if a range was asked for.
    public var origin: UInt64?
    /// The octets. `nil` if the server says NIL: there is no such section; and if they came in pieces: ``streamed`` then.
    public var octets: [UInt8]?
    /// How many octets came in pieces before this; `nil` if they are in ``octets``.
    public var streamed: UInt64?
}

/// The rarer items of a message.
public struct IMAPFetchedExtras: Hashable, Sendable {
    /// The message's name for good, whatever the folder (EMAILID, RFC 8474).
    public var emailID: String?
    /// The conversation's name (THREADID, RFC 8474). `nil` too if the server has none.
    public var threadID: String?
    /// When the message came into this folder (SAVEDATE, RFC 8514). `nil` too if the server does not know.
    public var saveDate: IMAPDateTime?
    /// The first words of the text (PREVIEW, RFC 8970). `nil` too if there is none yet.
    public var preview: String?
    /// Gmail's name of the message (X-GM-MSGID).
    public var gmailMessageID: UInt64?
    /// Gmail's name of the conversation (X-GM-THRID).
    public var gmailThreadID: UInt64?
    /// Gmail's labels (X-GM-LABELS), decoded.
    public var gmailLabels: [String]?
    /// Sizes of decoded parts (BINARY.SIZE, RFC 3516), by the number of the part.
    public var binarySizes: [[Int]: UInt64] = [:]
    /// The names of items that are unknown or that the server sent broken; they were passed over.
    public var unread: [String] = []
}
