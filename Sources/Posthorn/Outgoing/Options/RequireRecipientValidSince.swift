/// Delivers to a mailbox only if it has belonged to the same person since a certain time (RRVS, RFC 7293): for messages that
/// must not reach the next owner of an address, such as a new password.
///
/// A server that takes it refuses the recipients whose mailbox is younger; their results say so. Where the extension is not
/// offered, a wish is listed in ``SendReceipt/ignoredOptions`` and the message goes all the same; a requirement is the error
/// `unsupported`, before anything is sent. A time out of the range is treated in the same way.
/// ```swift
/// options.require(RequireRecipientValidSince.self, RequireRecipientValidSince([customer: signedUpAt]))
/// ```
public struct RequireRecipientValidSince: SendOption, Hashable, Sendable {
    /// The option carries the value itself.
    public typealias Value = RequireRecipientValidSince
    /// `require-recipient-valid-since`
    public static let name = "require-recipient-valid-since"

    /// What a server does that must pass the message on to another without the extension.
    public struct OnwardAction: Hashable, Sendable {
        /// The letter of RFC 7293 section 3.1.
        public let letter: String
        /// It returns the message (`R`).
        public static let returned = OnwardAction(letter: "R")
        /// It passes the message on (`C`).
        public static let passedOn = OnwardAction(letter: "C")
    }

    /// By recipient: a time at which the mailbox was known to be that person's, in seconds since 1970, UTC; from 0 to the
    /// end of the year 9999. Nothing is demanded of recipients that are not here.
    public var times: [EmailAddress: Int64]
    /// What a server does that must pass the message on to another without the extension.
    public var onwardAction: OnwardAction

    /// Creates the option's value.
    public init(_ times: [EmailAddress: Int64], orElse onwardAction: OnwardAction = .returned) {
        self.times = times
        self.onwardAction = onwardAction
    }
}
