/// Asks the server to hold the message back and send it later (FUTURERELEASE, RFC 4865).
///
/// The receipt says then that the server has taken the message, not that it is on its way.
/// A server that holds messages only for shorter times cannot fulfil it: a wish is listed in
/// ``SendReceipt/ignoredOptions``, and the message leaves at once; a requirement is the error `unsupported`, before anything
/// is sent. A ``holdTime`` out of its range is treated in the same way.
public struct FutureRelease: SendOption, Hashable, Sendable {
    /// The option carries the value itself.
    public typealias Value = FutureRelease
    /// `future-release`
    public static let name = "future-release"

    /// How long the server holds the message; whole seconds count, at least one and at most 999,999,999.
    public var holdTime: Duration

    /// Creates the option's value.
    public init(after holdTime: Duration) {
        self.holdTime = holdTime
    }
}
