/// The way that the settings name for a message: transports in order, and what is done to the message before.
struct OutgoingRoute: Sendable {
    /// The transports' names, to be tried in order.
    var transports: [String]
    /// The sender that is used or enforced.
    var sender: SenderPolicy?
    /// Who gets a copy of every message.
    var copyTo: [EmailAddress]
}

extension ClientSettings {
    /// The way for a function of the program; `nil` and functions that the settings do not list go the default way.
    func route(for function: String?) throws -> OutgoingRoute {
        let own = function.flatMap { functions[$0] }
        let names = own?.outgoing ?? defaultOutgoing
        guard !names.isEmpty else {
            throw MailError(
                .notFound,
                "the settings of client '\(client)' choose no transport"
                    + (function.map { " for the function '\(PeerText.shown($0))'" } ?? "")
                    + "; add `use: { outgoing: … }`"
            )
        }
        return OutgoingRoute(transports: names, sender: own?.sender ?? sender, copyTo: own?.copyTo ?? [])
    }
}
