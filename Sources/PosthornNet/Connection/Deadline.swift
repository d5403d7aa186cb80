/// A limit of time for one step, and how to speak about it.
///
/// A deadline is for the whole step (a whole reply, a whole handshake), never for a single read.
package struct Deadline: Sendable {
    /// What is waited for, as the error names it: `the server's reply to MAIL FROM`.
    package var subject: String
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
        self.subject = subject
        self.limit = limit ?? .zero
        self.key = key
        instant = limit.map { .now + $0 }
    }

    /// Whichever of the two ends first.
    package func earlier(_ other: Deadline?) -> Deadline {
        guard let other, let theirs = other.instant else { return self }
        guard let instant, instant <= theirs else { return other }
        return self
    }

    /// Whether the limit is reached.
    package var isOver: Bool {
        guard let instant else { return false }
        return instant <= .now
    }
}
