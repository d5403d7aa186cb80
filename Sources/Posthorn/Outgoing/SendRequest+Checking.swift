extension SendRequest {
    /// For transports: what every one must find out before anything is sent.
    ///
    /// - Parameters:
    ///   - fulfilled: the options that the transport knows.
    ///   - way: what the transport is, as an error names it: `a folder`.
    /// - Returns: the names of the wishes that are not fulfilled, for ``SendReceipt/ignoredOptions``.
    /// - Throws: ``MailError`` with certainty `notTaken`: `invalid-message` if there is no recipient, `unsupported` if
    ///   an option is required that the transport does not know, `content-unavailable` if the content cannot be read.
    public func check(fulfilled: [any SendOption.Type] = [], by way: String) async throws -> [String] {
        guard !envelope.recipients.isEmpty else {
            throw MailError(.invalidMessage, "the message has no recipient; give it a To, Cc or Bcc")
        }
        let ignored = try options.ignored(fulfilled: fulfilled, by: way)
        _ = try await content.facts()
        return ignored
    }
}
