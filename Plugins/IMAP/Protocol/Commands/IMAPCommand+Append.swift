import Posthorn

/// A message for APPEND or REPLACE.
struct IMAPAppendMessage: Hashable, Sendable {
    /// A piece of a message (CATENATE, RFC 4469).
    enum Part: Hashable, Sendable {
        /// Octets that the caller sends.
        case content(size: UInt64)
        /// A part of a message that the server has: an IMAP URL (RFC 5092), relative to the chosen folder.
        case url(String)
    }

    var flags: [MessageFlag] = []
    /// What INTERNALDATE is to be; the server's clock if `nil`.
    var date: IMAPDateTime?
    /// What it is made of: one content for a plain APPEND.
    var parts: [Part]
    /// Whether the octets may hold NUL: literal8, with BINARY (RFC 3516) only.
    var isBinary = false
    /// Whether the header may hold UTF-8: `UTF8 (~{…})`, after ENABLE UTF8=ACCEPT (RFC 6855 section 4) only.
    var isUTF8 = false

    /// A message of so many octets.
    init(size: UInt64, flags: [MessageFlag] = [], date: IMAPDateTime? = nil) {
        parts = [.content(size: size)]
        self.flags = flags
        self.date = date
    }
}

extension IMAPCommand {
    /// Several messages with MULTIAPPEND (RFC 3502) only; either all are stored or none is.
    static func append(_ messages: [IMAPAppendMessage], to mailbox: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand("APPEND") { writer throws(MailError) in
            guard !messages.isEmpty else { throw MailError(.misuse, "APPEND needs a message; give one") }
            writer.space()
            try writer.mailbox(mailbox)
            for message in messages { try writer.appended(message) }
        }
    }

    /// RFC 8508: the new message takes the place of the old one, or nothing happens.
    static func replace(
        _ number: UInt32,
        isUID: Bool = true,
        with message: IMAPAppendMessage,
        in mailbox: IMAPMailboxName
    ) -> IMAPCommand {
        IMAPCommand(isUID ? "UID REPLACE" : "REPLACE") { writer throws(MailError) in
            guard number > 0 else {
                throw MailError(.misuse, "no message has the number 0; give the message to be replaced")
            }
            writer.raw(" \(number) ")
            try writer.mailbox(mailbox)
            try writer.appended(message)
        }
    }
}

extension IMAPCommandWriter {
    fileprivate mutating func appended(_ message: IMAPAppendMessage) throws(MailError) {
        if !message.flags.isEmpty {
            space()
            try flags(message.flags)
        }
        if let date = message.date { raw(" \"\(date)\"") }
        space()
        if message.parts.count == 1, case .content(let size) = message.parts[0] {
            if message.isUTF8 {
                raw("UTF8 (")
                content(size: size, isBinary: true)
                raw(")")
            } else {
                content(size: size, isBinary: message.isBinary)
            }
            return
        }
        guard !message.parts.isEmpty else {
            throw MailError(.misuse, "a message needs at least one part; give its content")
        }
        raw("CATENATE ")
        try list(message.parts) { writer, part throws(MailError) in
            switch part {
            case .content(let size):
                writer.raw("TEXT ")
                writer.content(size: size, isBinary: message.isBinary)
            case .url(let url):
                writer.raw("URL ")
                try writer.astring(url, "URL of the part")
            }
        }
    }
}
