/// From whom messages come, whatever the program says.
public struct SenderPolicy: Hashable, Sendable {
    /// The sender.
    public var mailbox: Mailbox
    /// Whether messages always come from this sender (the program's own one becomes Reply-To), or only if the program
    /// names none.
    public var isEnforced: Bool

    /// Creates a policy.
    public init(mailbox: Mailbox, isEnforced: Bool) {
        self.mailbox = mailbox
        self.isEnforced = isEnforced
    }
}

extension SettingsType where Value == SenderPolicy {
    /// A mail address (the default sender), or `{ address: …, enforce: true }`.
    static var sender: Self {
        .either(
            SettingsType<Mailbox>.mailbox.map(
                { SenderPolicy(mailbox: $0, isEnforced: false) },
                back: { $0.mailbox }
            ),
            orGroup: SettingsType<SenderGroup>.group(SenderGroup.self).map(
                { SenderPolicy(mailbox: $0.address, isEnforced: $0.enforce) },
                back: { SenderGroup(address: $0.mailbox, enforce: $0.isEnforced) }
            )
        )
    }
}

/// The long form of `sender`.
struct SenderGroup: PluginSettings {
    let address: Mailbox
    let enforce: Bool

    static let addressKey = SettingsKey("address", .mailbox, help: "The sender of messages.")
    static let enforceKey = SettingsKey(
        "enforce",
        .boolean,
        default: false,
        help: "Whether messages always come from this address; the sender that the program names becomes Reply-To. "
            + "Otherwise the address is used only if the program names none."
    )
    static let schema = SettingsSchema(addressKey, enforceKey)

    init(address: Mailbox, enforce: Bool) {
        self.address = address
        self.enforce = enforce
    }

    init(_ values: SettingsValues) throws {
        address = try values[Self.addressKey]
        enforce = try values[Self.enforceKey]
    }
}
