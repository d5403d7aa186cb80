/// The limit of time for receiving a body: it starts anew whenever ``Timeouts/minimumProgress`` octets have come, so
/// that a peer that drips cannot hold the client, and a slow but steady one is not cut off.
package struct TransferDeadline: Sendable {
    /// The present limit, for ``Connection/next(_:deadline:)``.
    package private(set) var deadline: Deadline
    private let timeouts: Timeouts
    private let subject: String
    private var progress = 0

    /// A limit that starts now.
    package init(_ timeouts: Timeouts, for subject: String) {
        self.timeouts = timeouts
        self.subject = subject
        deadline = Deadline(after: timeouts.transfer, for: subject, key: "timeouts.transfer")
    }

    /// Notes that octets have come.
    package mutating func progressed(_ octets: Int) {
        progress &+= octets
        guard progress >= Timeouts.minimumProgress else { return }
        progress = 0
        deadline = Deadline(after: timeouts.transfer, for: subject, key: "timeouts.transfer")
    }
}
