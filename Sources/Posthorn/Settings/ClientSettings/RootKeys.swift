/// The keys of a settings file, described like those of any plugin.
struct RootKeys: Sendable {
    let client = SettingsKey(
        "client",
        .string,
        help: "The client (workstation) that the file is for: its host name, or what POSTHORN_CLIENT or the program "
            + "says. A file that was copied from another client is noticed by it.",
        example: "planung-3"
    )
    let extends = SettingsKey(
        optional: "extends",
        .string,
        help: "A file with values that several clients share, relative to this one. What stands here wins.",
        example: "site.yaml"
    )
    let sender = SettingsKey(
        optional: "sender",
        .sender,
        help: "The sender of messages for which the program names none. To make it the sender of all messages, write "
            + "{ address: \"Name <info@example.org>\", enforce: true }.",
        example: "Name <info@example.org>"
    )
    let redirectAll = SettingsKey(
        optional: "redirect-all",
        .emailAddress,
        help: "For test systems: every message goes to this address alone, and to none of its recipients.",
        example: "test@example.org"
    )
    let use = SettingsKey("use", group: UseGroup.self, help: "The ways that are used.")
    let outgoing: SettingsKey<[ConfiguredOutgoing]>
    let incoming: SettingsKey<[ConfiguredIncoming]>
    let functions = SettingsKey(
        "functions",
        SettingsType<[String: FunctionSettings]>.mapping(
            of: SettingsType<FunctionGroup>.group(FunctionGroup.self).map({ $0.function }, back: FunctionGroup.init)
        ),
        default: [:],
        help: "Exceptions for single functions of the program, by their names.",
        example: "{ order: { copy-to: archive@example.org } }"
    )

    init(_ plugins: PluginRegistry) {
        outgoing = SettingsKey(
            "outgoing",
            .outgoingAccounts(plugins),
            default: [],
            help:
                "The ways on which messages leave, by names. A name is that of its plugin, unless 'plugin' says another."
        )
        incoming = SettingsKey(
            "incoming",
            .incomingAccounts(plugins),
            default: [],
            help: "The places from which mail is fetched, by names. A name is that of its plugin, unless 'plugin' "
                + "says another."
        )
    }

    var schema: SettingsSchema {
        SettingsSchema(client, extends, sender, redirectAll, use, outgoing, incoming, functions)
    }
}

extension FunctionGroup {
    init(_ function: FunctionSettings) {
        self.function = function
    }
}
