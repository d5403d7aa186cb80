import Posthorn

/// The group `timeouts`.
struct TimeoutSettings: PluginSettings {
    var timeouts: Timeouts

    private static let range = Duration.milliseconds(1)...Duration.seconds(86_400)

    static let connectKey = SettingsKey(
        "connect",
        .duration(range),
        default: .seconds(30),
        help: "The limit for resolving the name and connecting, and again for the TLS handshake."
    )
    static let replyKey = SettingsKey(
        "reply",
        .duration(range),
        default: .seconds(300),
        help: "The limit for a whole reply of the server.",
        example: "5 min"
    )
    static let transferKey = SettingsKey(
        "transfer",
        .duration(range),
        default: .seconds(180),
        help: "The time in which at least 16 KiB of a message must get through.",
        example: "3 min"
    )
    static let idleKey = SettingsKey(
        "idle",
        .duration(range),
        default: .seconds(300),
        help: "How long an unused connection is kept.",
        example: "5 min"
    )
    private static let limitOrNone: SettingsType<Duration?> = .word(
        "none",
        as: nil,
        or: SettingsType<Duration>.duration(range).map({ Duration?.some($0) }, back: { $0 ?? .zero })
    )
    static let totalKey = SettingsKey(
        "total",
        limitOrNone,
        default: nil,
        help: "The limit for everything that belongs to one request.",
        example: "10 min"
    )

    static let schema = SettingsSchema(connectKey, replyKey, transferKey, idleKey, totalKey)

    init(_ values: SettingsValues) throws {
        timeouts = Timeouts()
        timeouts.connect = try values[Self.connectKey]
        timeouts.tls = timeouts.connect
        timeouts.reply = try values[Self.replyKey]
        timeouts.greeting = timeouts.reply
        timeouts.transfer = try values[Self.transferKey]
        timeouts.idle = try values[Self.idleKey]
        timeouts.total = try values[Self.totalKey]
    }
}
