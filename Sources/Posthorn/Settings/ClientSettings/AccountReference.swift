/// Which way mail goes.
enum MailDirection: String, Sendable {
    case outgoing, incoming

    /// What an account of this direction is called.
    var noun: String { self == .outgoing ? "transport" : "store" }
}

/// The name of a transport or store, where another key refers to it.
struct AccountReference: Sendable {
    var name: String
    var direction: MailDirection
    var path: String
    var origin: SettingsIssue.Origin
}

extension SettingsType where Value == AccountReference {
    /// The name of a transport or store that the file defines. Whether it does is checked when everything is read.
    static func accountName(_ direction: MailDirection) -> Self {
        let name = "name of a \(direction.noun)"
        return SettingsType(
            name: name,
            example: direction == .outgoing ? "smtp" : "imap",
            show: { $0.name },
            read: { node, reader in
                guard let text = node.text else {
                    reader.reportWrongShape(node, expected: name, example: direction == .outgoing ? "smtp" : "imap")
                    return nil
                }
                let reference = AccountReference(
                    name: text,
                    direction: direction,
                    path: reader.path,
                    origin: node.origin
                )
                reader.refer(reference)
                reader.record(text, at: node.origin)
                return reference
            }
        )
    }
}

/// The choice of the workstation.
struct UseGroup: PluginSettings {
    let outgoing: [String]
    let incoming: String?

    static let outgoingKey = SettingsKey(
        optional: "outgoing",
        .list(of: .accountName(.outgoing), allowsEmpty: false),
        help: "The transport that sends, or several: the next is tried only if the one before certainly did not "
            + "take the message.",
        example: "smtp"
    )
    static let incomingKey = SettingsKey(
        optional: "incoming",
        .accountName(.incoming),
        help: "The store from which mail is fetched.",
        example: "imap"
    )
    static let schema = SettingsSchema(outgoingKey, incomingKey)

    init(_ values: SettingsValues) throws {
        outgoing = try values[Self.outgoingKey]?.map(\.name) ?? []
        incoming = try values[Self.incomingKey]?.name
    }
}
