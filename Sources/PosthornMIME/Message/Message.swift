public import Posthorn

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A message as a program means it: people, subject, text, attachments. How it is encoded is decided when it is
/// sent, by its content and by what the server offers.
///
/// ```swift
/// let message = try Message(
///     to: ["Supplier <orders@supplier.example>"], subject: "Order 4711",
///     text: "Please find our order attached.", attachments: [.file("order-4711.xml")])
/// ```
/// Attached files are read while the message is being sent, and never held in memory as a whole.
public struct Message: Sendable {
    /// Who wrote it. `nil`: the sender of the settings file.
    public var from: Mailbox?
    /// Who sends it, if that is another one than who wrote it.
    public var sender: Mailbox?
    /// Where answers go. Empty: to the author.
    public var replyTo: AddressList
    /// Who gets it.
    public var to: AddressList
    /// Who gets a copy, seen by all.
    public var cc: AddressList
    /// Who gets a copy, seen by nobody: these addresses are in the envelope and never in the message.
    public var bcc: AddressList
    /// Who gets it and its bounces, whatever the fields above say; `nil`: they decide, and bounces go to the sender.
    public var envelope: Envelope?

    /// The subject, one line.
    public var subject: String
    /// The text. Line ends may be LF, CRLF or CR.
    public var text: String?
    /// The text as HTML. Give ``text`` as well: some people read no HTML.
    public var html: String?
    /// Images and other files that the HTML shows, made with ``Attachment/inline(_:contentID:name:contentType:)``.
    public var inline: [Attachment]
    /// Attached files, data and messages.
    public var attachments: [Attachment]
    /// A meeting request or another message of a calendar.
    public var calendar: CalendarInvitation?

    /// When it was written; `nil`: the time when it is first given to a client object.
    public var date: Date?
    /// The offset from UTC that ``date`` is shown with, in minutes.
    public var dateOffsetMinutes = 0
    /// The Message-ID; `nil`: a new one of the sender's domain.
    public var messageID: String?
    /// The Message-ID of the message that this one answers; seldom more than one.
    public var inReplyTo: [String] = []
    /// The Message-IDs of the conversation so far, oldest first.
    public var references: [String] = []

    /// How urgent it is.
    public var priority = Priority.normal
    /// That a program wrote it, and why (RFC 3834).
    public var autoSubmitted: AutoSubmitted?
    /// What a mailing list or newsletter tells about itself.
    public var list: ListInformation?
    /// Who is told that the message was read, if the recipient's program and the recipient agree (RFC 8098).
    public var readReceiptTo: Mailbox?

    /// More header fields, such as `X-Order-Number`. Those that the properties above make cannot be given here.
    public var headers = HeaderFields()

    /// How names of files that are not plain ASCII are written.
    public var fileNameEncoding = FileNameEncoding.compatible

    /// Creates a message. All people are given as they are written in mail programs: `orders@supplier.example` or
    /// `Supplier <orders@supplier.example>`.
    ///
    /// - Throws: ``MailError`` with code `invalid-address`; the text names the field and the address.
    public init(
        from: String? = nil,
        to: [String] = [],
        cc: [String] = [],
        bcc: [String] = [],
        replyTo: [String] = [],
        subject: String = "",
        text: String? = nil,
        html: String? = nil,
        attachments: [Attachment] = [],
        inline: [Attachment] = [],
        calendar: CalendarInvitation? = nil
    ) throws {
        self.from = try from.map { text in try Self.named(.from) { try Mailbox(text) } }
        self.to = try Self.list(to, .to)
        self.cc = try Self.list(cc, .cc)
        self.bcc = try Self.list(bcc, .bcc)
        self.replyTo = try Self.list(replyTo, .replyTo)
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = attachments
        self.inline = inline
        self.calendar = calendar
    }

    private static func list(_ texts: [String], _ field: HeaderName) throws -> AddressList {
        var list = AddressList()
        for text in texts { list.append(contentsOf: try named(field) { try AddressList.parse(text) }) }
        return list
    }

    private static func named<Result>(_ field: HeaderName, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch var error as MailError {
            error.message = "the header field '\(field)': \(error.message)"
            throw error
        }
    }
}
