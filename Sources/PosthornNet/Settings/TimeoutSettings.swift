package import Posthorn

/// The group `timeouts`.
package struct TimeoutSettings: PluginSettings {
    package var timeouts = Timeouts()

    private static let range: ClosedRange<Duration> = .milliseconds(1) ... .seconds(86_400)

    static let connect = SettingsKey(
        "connect",
        .duration(range),
        default: Timeouts().connect,
        help: "For resolving the name, connecting and the proxy; then again for the TLS handshake."
    )
    static let reply = SettingsKey(
        "reply",
        .duration(range),
        default: Timeouts().reply,
        help: "For a whole reply of the server, its greeting included. The reply to a whole message may take 10 min if "
            + "this is left at its default."
    )
    static let transfer = SettingsKey(
        "transfer",
        .duration(range),
        default: Timeouts().transfer,
        help: "In this time at least 16 KiB of a message must get through."
    )
    static let idle = SettingsKey(
        "idle",
        .duration(range),
        default: Timeouts().idle,
        help: "How long a connection may be kept unused."
    )
    static let total = SettingsKey<Duration?>(
        optional: "total",
        .duration(range),
        help: "For everything together, from connecting to the end; without it there is no such limit.",
        example: "30 min"
    )

    /// All keys.
    package static let schema = SettingsSchema(connect, reply, transfer, idle, total)

    /// Takes the values.
    package init(_ values: SettingsValues) throws {
        timeouts.connect = try values[Self.connect]
        timeouts.tls = timeouts.connect
        timeouts.reply = try values[Self.reply]
        timeouts.greeting = timeouts.reply
        timeouts.transfer = try values[Self.transfer]
        timeouts.idle = try values[Self.idle]
        timeouts.total = try values[Self.total]
    }
}
