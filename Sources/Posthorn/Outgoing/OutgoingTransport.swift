/// A way on which messages leave: a submission server, the user's mail program, a folder of files.
///
/// A transport takes one request and answers with one receipt or one error. Implement ``send(_:)``; all
/// that was added later has a default.
///
/// ## The contract
/// - Return a receipt as soon as at least one recipient was accepted. A refused recipient is data in the
///   receipt, not an error.
/// - Throw a ``MailError`` whose ``MailError/certainty`` is true to the facts. Throw
///   ``DeliveryCertainty/notTaken`` only if nobody can have the message: the caller may send it again by another way.
/// - Honour task cancellation in every phase. After the last byte was handed over, a cancellation that
///   leaves the outcome open is ``DeliveryCertainty/unknown``.
/// - Read ``SendRequest/content`` as a stream; it may be larger than the memory.
public protocol OutgoingTransport: Sendable {
    /// Sends one message.
    func send(_ request: SendRequest) async throws -> SendReceipt

    /// Sends several messages, each with an outcome of its own: what becomes of one never touches another.
    ///
    /// Never throws: a cancelled task, too, gets an outcome for every message. The default sends one message after
    /// another; a transport that can have many under way on one connection does better.
    ///
    /// - Returns: one outcome for each request, in their order.
    func send(_ batch: SendBatch) async -> [SendOutcome]

    /// An optional ability of this transport, such as ``TransportCapability/diagnosis``.
    ///
    /// The default answers with the transport itself where it conforms to the interface.
    func interface<Interface>(_ capability: TransportCapability<Interface>) -> Interface?

    /// Ends idle connections and gives back what the transport holds. The default does nothing.
    /// A transport may be used again after it was closed.
    func close() async
}

extension OutgoingTransport {
    /// The transport itself, if it conforms to the interface; otherwise `nil`.
    public func interface<Interface>(_ capability: TransportCapability<Interface>) -> Interface? {
        self as? Interface
    }

    /// Does nothing.
    public func close() async {}

    /// Sends one message after another.
    public func send(_ batch: SendBatch) async -> [SendOutcome] {
        var outcomes: [SendOutcome] = []
        outcomes.reserveCapacity(batch.requests.count)
        for (index, request) in batch.requests.enumerated() {
            let outcome: SendOutcome
            if Task.isCancelled {
                outcome = .failure(.cancelledBeforeItsTurn())
            } else {
                do {
                    outcome = .success(try await send(request))
                } catch {
                    outcome = .failure(.ofTransport(nil, error))
                }
            }
            batch.observer?.report(index, outcome)
            outcomes.append(outcome)
        }
        return outcomes
    }
}

/// A typed key for an optional ability of a transport.
public struct TransportCapability<Interface>: Sendable {
    /// The name shown to people, such as `diagnosis`.
    public let name: String

    /// Creates a key. Third parties may define their own in an extension.
    public init(_ name: String) {
        self.name = name
    }
}
