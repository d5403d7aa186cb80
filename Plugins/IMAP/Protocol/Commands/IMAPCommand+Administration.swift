import Posthorn

/// How deep GETMETADATA looks below an entry (RFC 5464).
enum IMAPMetadataDepth: String, Hashable, Sendable { case itself = "0", children = "1", everything = "infinity" }

/// What SETACL does with rights (RFC 4314).
enum IMAPRightsAction: String, Hashable, Sendable { case replace = "", add = "+", remove = "-" }

/// What NOTIFY is to tell (RFC 5465).
struct IMAPNotification: Hashable, Sendable {
    /// Of which folders.
    enum Mailboxes: Hashable, Sendable {
        /// The chosen one.
        case selected
        /// The chosen one; messages that are gone only when a command allows it.
        case selectedDelayed
        case inboxes, personal, subscribed
        /// These, and everything below them.
        case subtree([IMAPMailboxName])
        /// These.
        case mailboxes([IMAPMailboxName])
    }

    /// What happened.
    enum Event: String, Hashable, Sendable {
        case messageNew = "MessageNew"
        case messageExpunge = "MessageExpunge"
        case flagChange = "FlagChange"
        case annotationChange = "AnnotationChange"
        case mailboxName = "MailboxName"
        case subscriptionChange = "SubscriptionChange"
        case mailboxMetadataChange = "MailboxMetadataChange"
        case serverMetadataChange = "ServerMetadataChange"
    }

    var mailboxes: Mailboxes
    /// Nothing for NONE.
    var events: [Event]
    /// Of the chosen folder: what FETCH is to say of new messages.
    var items: [IMAPFetchItem] = []
}

// QUOTA (RFC 9208), ACL (RFC 4314), METADATA (RFC 5464), NOTIFY (RFC 5465).
extension IMAPCommand {
    static func quota(root: String) -> IMAPCommand {
        IMAPCommand("GETQUOTA") { writer throws(MailError) in
            writer.space()
            try writer.astring(root, "name of the quota")
        }
    }

    static func quotaRoot(of mailbox: IMAPMailboxName) -> IMAPCommand { about("GETQUOTAROOT", mailbox) }

    /// Needs QUOTASET.
    static func setQuota(root: String, _ limits: [(name: String, limit: UInt64)]) -> IMAPCommand {
        IMAPCommand("SETQUOTA") { writer throws(MailError) in
            writer.space()
            try writer.astring(root, "name of the quota")
            writer.space()
            try writer.list(limits) { writer, entry throws(MailError) in
                try writer.atom(entry.name, "name of the resource")
                guard entry.limit <= UInt64(Int64.max) else {
                    throw MailError(.misuse, "a quota's limit has to be below 2^63; give a smaller one")
                }
                writer.raw(" \(entry.limit)")
            }
        }
    }

    static func accessList(of mailbox: IMAPMailboxName) -> IMAPCommand { about("GETACL", mailbox) }
    static func myRights(in mailbox: IMAPMailboxName) -> IMAPCommand { about("MYRIGHTS", mailbox) }

    static func listRights(of identifier: String, in mailbox: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand("LISTRIGHTS") { writer throws(MailError) in
            writer.space()
            try writer.mailbox(mailbox)
            writer.space()
            try writer.astring(identifier, "identifier")
        }
    }

    static func setRights(
        of identifier: String,
        in mailbox: IMAPMailboxName,
        _ action: IMAPRightsAction,
        _ rights: String
    ) -> IMAPCommand {
        IMAPCommand("SETACL") { writer throws(MailError) in
            // RFC 4314 section 2: rights are lower-case letters and digits.
            let isFit = rights.utf8.allSatisfy { (0x61...0x7A).contains($0) || IMAPOctet.isDigit($0) }
            guard isFit else { throw IMAPCommandWriter.refused(rights, "list of rights") }
            writer.space()
            try writer.mailbox(mailbox)
            writer.space()
            try writer.astring(identifier, "identifier")
            writer.space()
            try writer.string(action.rawValue + rights, "list of rights")
        }
    }

    static func deleteRights(of identifier: String, in mailbox: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand("DELETEACL") { writer throws(MailError) in
            writer.space()
            try writer.mailbox(mailbox)
            writer.space()
            try writer.astring(identifier, "identifier")
        }
    }

    /// - Parameter mailbox: An empty name for the server's own.
    static func metadata(
        of mailbox: IMAPMailboxName,
        _ entries: [String],
        depth: IMAPMetadataDepth = .itself,
        maximumSize: UInt32? = nil
    ) -> IMAPCommand {
        IMAPCommand("GETMETADATA") { writer throws(MailError) in
            guard !entries.isEmpty else { throw MailError(.misuse, "GETMETADATA needs the name of an entry; give one") }
            var options: [String] = []
            if let maximumSize { options.append("MAXSIZE \(maximumSize)") }
            if depth != .itself { options.append("DEPTH \(depth.rawValue)") }
            if !options.isEmpty { writer.raw(" (\(options.joined(separator: " ")))") }
            writer.space()
            try writer.mailbox(mailbox)
            writer.space()
            try writer.list(entries) { writer, entry throws(MailError) in try writer.entryName(entry) }
        }
    }

    /// - Parameter entries: A value of `nil` takes the entry away.
    static func setMetadata(of mailbox: IMAPMailboxName, _ entries: [IMAPMetadataEntry]) -> IMAPCommand {
        IMAPCommand("SETMETADATA") { writer throws(MailError) in
            guard !entries.isEmpty else { throw MailError(.misuse, "SETMETADATA needs an entry; give one") }
            writer.space()
            try writer.mailbox(mailbox)
            writer.space()
            try writer.list(entries) { writer, entry throws(MailError) in
                try writer.entryName(entry.name)
                writer.space()
                writer.value(entry.value)
            }
        }
    }

    /// - Parameters:
    ///   - notifications: Nothing for NONE: the server falls silent.
    ///   - withStatus: Whether the server first sends STATUS of all these folders.
    static func notify(_ notifications: [IMAPNotification], withStatus: Bool = false) -> IMAPCommand {
        IMAPCommand("NOTIFY") { writer throws(MailError) in
            guard !notifications.isEmpty else { return writer.raw(" NONE") }
            writer.raw(withStatus ? " SET STATUS" : " SET")
            for notification in notifications {
                writer.space()
                try writer.notification(notification)
            }
        }
    }
}

extension IMAPCommandWriter {
    /// The name of an entry: beginning with `/`, without wildcards and `//` (RFC 5464 section 3.2).
    fileprivate mutating func entryName(_ name: String) throws(MailError) {
        let octets = Array(name.utf8)
        let isFit =
            octets.first == UInt8(ascii: "/") && octets.last != UInt8(ascii: "/")
            && octets.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "%") }
            && !zip(octets, octets.dropFirst()).contains { $0 == 0x2F && $1 == 0x2F }
        guard isFit else { throw Self.refused(name, "name of the metadata entry") }
        try astring(name, "name of the metadata entry")
    }

    fileprivate mutating func notification(_ notification: IMAPNotification) throws(MailError) {
        raw("(")
        switch notification.mailboxes {
        case .selected: raw("SELECTED")
        case .selectedDelayed: raw("SELECTED-DELAYED")
        case .inboxes: raw("INBOXES")
        case .personal: raw("PERSONAL")
        case .subscribed: raw("SUBSCRIBED")
        case .subtree(let names):
            raw("SUBTREE ")
            try list(names) { writer, name throws(MailError) in try writer.mailbox(name) }
        case .mailboxes(let names):
            raw("MAILBOXES ")
            try list(names) { writer, name throws(MailError) in try writer.mailbox(name) }
        }
        guard !notification.events.isEmpty else { return raw(" NONE)") }
        space()
        try list(notification.events) { writer, event throws(MailError) in
            writer.raw(event.rawValue)
            guard event == .messageNew, !notification.items.isEmpty else { return }
            writer.space()
            try writer.list(notification.items) { writer, item throws(MailError) in try writer.fetchItem(item) }
        }
        raw(")")
    }
}
