import Posthorn

/// A message whose transaction is under way.
struct SMTPUnderWay {
    let delivery: SMTPDelivery
    /// What is sent when the server is ready for it; `nil` once all of it was handed over.
    var body: SMTPBody?
    /// The options that this server does not fulfil.
    let ignored: [String]
    /// The size of the message, if it is known.
    let size: UInt64?
    /// The recipients of this transaction.
    let recipients: [EmailAddress]
    /// Whether it is the first on a connection that nothing has been sent over before: what goes wrong then is told, and
    /// not tried again.
    let isFirst: Bool
}
