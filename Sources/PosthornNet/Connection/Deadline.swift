/// A limit of time for one step, and how to speak about it.
///
/// A deadline is for the whole step (a whole reply, a whole handshake), never for a single read.
package struct Deadline: Sendable {
    /// What is waited for, as the error names it: `the server's reply to MAIL FROM`.
    package var subject: String { isReply ? "the server's reply to \(object)" : object }
    /// Put together only when an error needs it: deadlines are made for every command.
    private let object: String
    private let isReply: Bool
    /// The length of the limit, as the error names it.
    package var limit: Duration
    /// The settings key by which the limit can be changed, such as `timeouts.reply`.
    package var key: String
    /// When the limit is reached; `nil` for never.
    package var instant: ContinuousClock.Instant?

    /// A limit that starts now.
    ///
    /// - Parameters:
    ///   - limit: How long; `nil` for no limit.
    ///   - subject: What is waited for.
    ///   - key: The settings key by which the limit can be changed.
    package init(after limit: Duration?, for subject: String, key: String) {
        object = subject
        isReply = false
        self.limit = limit ?? .zero
        self.key = key
        instant = limit.map { .now + $0 }
    }

    /// A limit for the whole reply to a command, that starts now.
    package init(reply limit: Duration, to command: String) {
        object = command
        isReply = true
        self.limit = limit
        key = "timeouts.reply"
        instant = .now + limit
    }

    /// Whichever of the two ends first.
    package func earlier(_ other: Deadline?) -> Deadline {
        guard let other, let theirs = other.instant else { return self }
        guard let instant, instant <= theirs else { return other }
        return self
    }

    /// The same limit for a part of the step.
    func named(_ subject: String) -> Deadline {
        var part = Deadline(after: limit, for: subject, key: key)
        part.instant = instant
        return part
    }

    /// Whether the limit is reached.
    package var isOver: Bool {
        guard let instant else { return false }
        return instant <= .now
    }
}
