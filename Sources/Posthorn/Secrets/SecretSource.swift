/// Where a secret comes from. Read late: at each sign-in, so that a changed password file takes effect.
public struct SecretSource: Sendable {
    let value: Value

    enum Value: Sendable {
        case literal(Secret)
        case environment(String)
        case file(path: String, shown: String)
        case command([String])
        case provider(@Sendable () async throws -> Secret)
    }

    init(value: Value) {
        self.value = value
    }

    /// The secret itself.
    public static func literal(_ secret: Secret) -> SecretSource { SecretSource(value: .literal(secret)) }

    /// An environment variable of this process.
    public static func environment(_ name: String) -> SecretSource { SecretSource(value: .environment(name)) }

    /// A file that holds nothing but the secret, at most 64 KiB; one line end at its end does not belong to it.
    /// Nobody but the owner may have access to it (mode 0600 or 0400).
    public static func file(_ path: String) -> SecretSource { SecretSource(value: .file(path: path, shown: path)) }

    /// A program and its arguments, run without a shell each time the secret is needed. What it prints, without
    /// one line end at its end, is the secret: at most 64 KiB within 30 seconds, and the program must end with status 0.
    public static func command(_ words: [String]) -> SecretSource { SecretSource(value: .command(words)) }

    /// Code of the host, such as a token provider or a prompt.
    public static func provider(_ provider: @escaping @Sendable () async throws -> Secret) -> SecretSource {
        SecretSource(value: .provider(provider))
    }

    /// Reads the secret.
    ///
    /// - Throws: ``MailError`` with code `secret-unavailable`, naming the source and never its content; with code
    ///   `cancelled` if the task was cancelled while a program or the host's own provider ran; or the `MailError` that
    ///   the host's own provider throws.
    public func resolve() async throws -> Secret {
        switch value {
        case .literal(let secret): return secret
        case .environment(let name): return try SecretVariable.read(name)
        case .file(let path, let shown): return try SecretFile.read(path, shown: shown)
        case .command(let words): return try await SecretCommand(words: words).run()
        case .provider(let provider): return try await HostSecret.read(from: "secret provider", provider)
        }
    }

    /// What can be seen to be wrong without reading the secret itself; `nil` if nothing.
    func problem(on machine: SettingsMachine) -> String? {
        switch value {
        case .literal, .provider: nil
        case .environment(let name): SecretVariable.problem(name, machine)
        case .file(let path, let shown): SecretFile.problem(path, shown: shown)
        case .command(let words): SecretCommand(words: words).problem(machine)
        }
    }
}

extension SecretSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of source and its name: `env POSTHORN_SMTP_PASSWORD`, `file imap.secret`, `command pass`. Never the secret.
    public var description: String {
        switch value {
        case .literal: "the settings"
        case .environment(let name): "env \(PeerText.shown(name))"
        case .file(_, let shown): "file \(PeerText.shown(shown))"
        case .command(let words): "command \(PeerText.shown(words.first ?? ""))"
        case .provider: "the host program"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
