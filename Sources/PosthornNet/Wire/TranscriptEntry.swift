/// One line of a transcript: redacted, escaped, fit to be shown and stored.
package struct TranscriptEntry: Sendable, Hashable, CustomStringConvertible {
    /// Whose line it is.
    package struct Side: Sendable, Hashable, CustomStringConvertible {
        /// `C`, `S` or `*`.
        package let description: String
        /// What this program sent.
        package static let client = Side(description: "C")
        /// What the server sent.
        package static let server = Side(description: "S")
        /// What happened to the connection: connected, TLS, closed.
        package static let event = Side(description: "*")
    }

    /// Whose line it is.
    package let side: Side
    /// The line without its line end.
    package let text: String

    package init(side: Side, text: String) {
        self.side = side
        self.text = text
    }

    /// `C: EHLO [127.0.0.1]`
    package var description: String { "\(side): \(text)" }
}
