/// Several messages on their way to one transport, each with an outcome of its own.
public struct SendBatch: Sendable {
    /// The messages. They may leave in another order, and over several connections.
    public var requests: [SendRequest]

    /// Hears every outcome as soon as it is known; `nil` if nobody listens.
    public var observer: BatchObserver?

    /// Creates a batch.
    public init(_ requests: [SendRequest], observer: BatchObserver? = nil) {
        self.requests = requests
        self.observer = observer
    }
}

/// What became of one message of a batch: the receipt, or the error with its ``MailError/certainty``.
public typealias SendOutcome = Result<SendReceipt, MailError>

/// Hears the outcomes of a batch as they come.
public struct BatchObserver: Sendable {
    private let handler: @Sendable (Int, SendOutcome) -> Void

    /// Calls `handler` once for every message, with its place in the batch. It is called on the task that transfers, and
    /// for several messages at once: keep it short.
    public init(_ handler: @escaping @Sendable (_ index: Int, _ outcome: SendOutcome) -> Void) {
        self.handler = handler
    }

    /// For transports: tells the listener.
    public func report(_ index: Int, _ outcome: SendOutcome) {
        handler(index, outcome)
    }
}
