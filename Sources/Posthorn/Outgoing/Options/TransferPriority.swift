/// How urgently servers pass the message on (MT-PRIORITY, RFC 6710). What the recipient's program shows is another thing:
/// that is a header field.
public struct TransferPriority: SendOption, Hashable, Sendable {
    /// The option carries the value itself.
    public typealias Value = TransferPriority
    /// `transfer-priority`
    public static let name = "transfer-priority"

    /// From -9, the least urgent, to 9; messages without the option have 0.
    public let level: Int

    /// Creates the option's value. A level beyond -9…9 is brought to the nearest.
    public init(level: Int) {
        self.level = max(-9, min(9, level))
    }
}
