/// What a single function of the host program needs: an exception from the choice under `use`.
public struct FunctionSettings: Hashable, Sendable {
    /// The transports to be tried in order; `nil` if the function goes the way of `use.outgoing`.
    public var outgoing: [String]?
    /// The store; `nil` if the function uses that of `use.incoming`.
    public var incoming: String?
    /// Who gets a copy of each message of this function.
    public var copyTo: [EmailAddress]
    /// The sender; `nil` if the one of the file as a whole applies.
    public var sender: SenderPolicy?

    /// Creates settings.
    public init(
        outgoing: [String]? = nil,
        incoming: String? = nil,
        copyTo: [EmailAddress] = [],
        sender: SenderPolicy? = nil
    ) {
        self.outgoing = outgoing
        self.incoming = incoming
        self.copyTo = copyTo
        self.sender = sender
    }
}

/// The keys of one function.
struct FunctionGroup: PluginSettings {
    let function: FunctionSettings

    static let outgoingKey = SettingsKey(
        optional: "outgoing",
        .list(of: .accountName(.outgoing), allowsEmpty: false),
        help: "The transport of this function, or several: the next is tried only if the one before certainly did "
            + "not take the message. Without it, 'use.outgoing' applies.",
        example: "smtp"
    )
    static let incomingKey = SettingsKey(
        optional: "incoming",
        .accountName(.incoming),
        help: "The store of this function. Without it, 'use.incoming' applies.",
        example: "imap"
    )
    static let copyToKey = SettingsKey(
        "copy-to",
        .list(of: .emailAddress),
        default: [],
        help: "Addresses that get a copy of each message of this function.",
        example: "archive@example.org"
    )
    static let senderKey = SettingsKey(optional: "sender", .sender, help: "The sender of this function's messages.")
    static let schema = SettingsSchema(outgoingKey, incomingKey, copyToKey, senderKey)

    init(_ values: SettingsValues) throws {
        function = FunctionSettings(
            outgoing: try values[Self.outgoingKey]?.map(\.name),
            incoming: try values[Self.incomingKey]?.name,
            copyTo: try values[Self.copyToKey],
            sender: try values[Self.senderKey]
        )
    }
}
