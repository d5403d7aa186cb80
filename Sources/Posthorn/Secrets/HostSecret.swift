/// Secrets that come from code of the host program.
package enum HostSecret {
    /// Asks the host's code for a secret.
    ///
    /// - Parameter what: what was asked, as an error names it: `token provider`.
    /// - Throws: ``MailError``: the host's own one, `cancelled`, or `secret-unavailable`, which names no more of the
    ///   host's error than its type, because the text of such an error may quote the secret or a server's answer.
    package static func read(
        from what: String,
        _ provider: @Sendable () async throws -> Secret
    ) async throws -> Secret {
        do {
            return try await provider()
        } catch let error as MailError {
            throw error
        } catch let error as CancellationError {
            throw MailError(.cancelled, "asking the host program's \(what) was cancelled", cause: error)
        } catch {
            throw MailError(
                .secretUnavailable,
                "the host program's \(what) failed (\(MailError.typeName(of: error))); "
                    + "look into the host program for the reason",
                cause: error
            )
        }
    }
}
