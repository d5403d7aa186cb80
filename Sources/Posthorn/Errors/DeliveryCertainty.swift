/// What is known about a message after a failed attempt to send it.
///
/// The distinction decides what may happen next: a message that was certainly not taken may be sent
/// again, by the same way or another; one whose outcome is unknown must never be repeated silently.
public struct DeliveryCertainty: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String { case notTaken, rejected, unknown }
    private let value: Value

    /// Nobody has the message. Sending it again, or by another transport, cannot double it.
    public static let notTaken = DeliveryCertainty(value: .notTaken)

    /// The other side has looked at the message and refused it for good (a permanent reply).
    /// Nobody has the message, and trying the same again is pointless.
    public static let rejected = DeliveryCertainty(value: .rejected)

    /// The connection broke after the message was complete and before the answer came
    /// (RFC 1047). It may have been taken. Posthorn never repeats it by itself.
    public static let unknown = DeliveryCertainty(value: .unknown)

    /// `notTaken`, `rejected` or `unknown`: the word used in JSON output.
    public var description: String { value.rawValue }
}
