/// Where a secret comes from. Read late: at each sign-in, so that a changed password file takes effect.
public struct SecretSource: Sendable {
    let value: Value

    enum Value: Sendable {
        case literal(Secret)
        case provider(@Sendable () async throws -> Secret)
    }

    /// The secret itself.
    public static func literal(_ secret: Secret) -> SecretSource { SecretSource(value: .literal(secret)) }

    /// Code of the host, such as a token provider or a prompt.
    public static func provider(_ provider: @escaping @Sendable () async throws -> Secret) -> SecretSource {
        SecretSource(value: .provider(provider))
    }

    /// Reads the secret.
    ///
    /// - Throws: ``MailError`` with code `secret-unavailable`, naming the source and never its content.
    public func resolve() async throws -> Secret {
        switch value {
        case .literal(let secret): secret
        case .provider(let provider): try await provider()
        }
    }
}
