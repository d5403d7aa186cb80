/// Hears how far a transfer has come.
public struct TransferProgress: Sendable {
    /// How far a transfer has come.
    public struct Update: Hashable, Sendable {
        /// Octets handed over so far.
        public var completed: UInt64
        /// All octets, if known.
        public var total: UInt64?

        /// Creates an update.
        public init(completed: UInt64, total: UInt64?) {
            self.completed = completed
            self.total = total
        }
    }

    private let handler: @Sendable (Update) -> Void

    /// Calls `handler` after every piece, on the task that transfers: keep it short.
    public init(_ handler: @escaping @Sendable (Update) -> Void) {
        self.handler = handler
    }

    /// For transports: tells the listener.
    public func report(completed: UInt64, total: UInt64?) {
        handler(Update(completed: completed, total: total))
    }
}
