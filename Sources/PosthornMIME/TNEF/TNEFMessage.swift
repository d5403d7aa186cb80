/// A message in TNEF ([MS-OXTNEF]): what Outlook puts into `winmail.dat`.
public struct TNEFMessage: Sendable, Hashable {
    /// A body in HTML.
    public struct HTML: Sendable, Hashable {
        /// The page as it is in the stream.
        public let octets: [UInt8]
        /// The Windows code page of the octets; 65001 is UTF-8.
        public let codePage: Int
    }

    /// The key that identifies the stream.
    public internal(set) var key: UInt16 = 0
    /// The Windows code page of texts of single octets.
    public internal(set) var codePage = TNEFCodePage.windows1252

    /// The subject, also if the stream has it in two pieces.
    public internal(set) var subject: String?
    /// The class as MAPI has it, `IPM.Note`; old names of Microsoft Mail are translated.
    public internal(set) var messageClass: String?
    /// Who sent it.
    public internal(set) var sender: TNEFAddress?
    /// In whose name the sender wrote.
    public internal(set) var sentRepresenting: TNEFAddress?
    /// The recipients, also those that no header names.
    public internal(set) var recipients: [TNEFRecipient] = []
    /// When it was sent.
    public internal(set) var sent: TNEFDate?
    /// When it was delivered.
    public internal(set) var received: TNEFDate?
    /// When it was changed last.
    public internal(set) var modified: TNEFDate?
    /// When an appointment begins.
    public internal(set) var start: TNEFDate?
    /// When an appointment ends.
    public internal(set) var end: TNEFDate?
    /// `Message-ID`, with its angle brackets.
    public internal(set) var messageID: String?
    /// 0 is low, 1 is normal, 2 is high.
    public internal(set) var importance: Int?

    /// The plain body: its own or, if there is none, that of the RTF.
    public internal(set) var plainBody: String?
    /// The body in HTML: its own or, if there is none, that which the RTF was made of.
    public internal(set) var htmlBody: HTML?
    /// The body in RTF, decompressed.
    public internal(set) var rtfBody: [UInt8]?
    /// Whether the other bodies say all that is in the RTF, as it was made of one of them.
    public internal(set) var isRTFDerived = false

    /// The attachments, in the order of the stream.
    public internal(set) var attachments: [TNEFAttachment] = []
    /// The properties of the message.
    public internal(set) var properties = MAPIProperties()
    /// All attributes as they are.
    public internal(set) var attributes: [TNEFAttribute] = []
    /// What was wrong, in the order in which it was found; for embedded messages, too, in the outermost one only.
    public internal(set) var defects: [TNEFDefect] = []
}
