public import Posthorn

/// What an ``InMemoryTransport`` answers.
///
/// ```swift
/// transport.setAnswer(.refusing([try EmailAddress("gone@example.org")]))
/// transport.setAnswer(.failing(MailError(.connectionFailed, "no connection")).after(.seconds(2)))
/// ```
public struct TransportAnswer: Sendable {
    var refusals: [EmailAddress: ServerReply] = [:]
    var failure: MailError?
    var delay: Duration = .zero

    /// Every recipient is accepted.
    public static let accepting = TransportAnswer()

    /// The given recipients are refused, all others accepted. When nobody is left, the transport throws.
    ///
    /// - Parameter reply: What the server says. A reply 4yz refuses for now, any other for good.
    public static func refusing(
        _ recipients: [EmailAddress],
        with reply: ServerReply = ServerReply(
            code: 550,
            enhancedStatus: EnhancedStatus(5, 1, 1),
            text: "No such mailbox here"
        )
    ) -> TransportAnswer {
        accepting.refusing(recipients, with: reply)
    }

    /// Nothing is taken; the error is thrown as it is.
    ///
    /// An error whose certainty is ``DeliveryCertainty/notTaken`` is thrown before the content is read, any other
    /// after the whole content was read. In neither case is the message recorded.
    public static func failing(_ error: MailError) -> TransportAnswer {
        TransportAnswer(failure: error)
    }

    /// The same answer, with further recipients refused.
    public func refusing(_ recipients: [EmailAddress], with reply: ServerReply) -> TransportAnswer {
        var answer = self
        for recipient in recipients { answer.refusals[recipient] = reply }
        return answer
    }

    /// The same answer, later: the transport waits before it reads the content.
    public func after(_ delay: Duration) -> TransportAnswer {
        var answer = self
        answer.delay = delay
        return answer
    }
}
