import PosthornTLS

/// The server's side of a sign-in (RFC 4422): responses in, answers out.
struct SASLServerExchange {
    /// What the server says to a response.
    enum Answer {
        case challenge([UInt8])
        case success(user: String)
        case failure
        case malformed
    }

    /// What the sign-in is checked against.
    struct Context {
        var users: [String: String]
        var hostName: String
        var encryption: ServerEncryption?
        /// Whether a mechanism with channel binding is offered too.
        var offersChannelBinding = false
    }

    private enum State {
        case plain
        case loginName
        case loginPassword(name: [UInt8])
        case challengeResponse(challenge: [UInt8])
        case scram(ScramServer)
        case bearer(isXOAUTH2: Bool)
        case bearerFailed
        case external
        case anonymous
    }

    let mechanism: String
    private let context: Context
    private var state: State

    /// Begins a sign-in; `nil` for a mechanism that nobody knows.
    init?(mechanism: String, context: Context) throws(TLSError) {
        self.mechanism = mechanism
        self.context = context
        switch mechanism {
        case "PLAIN": state = .plain
        case "LOGIN": state = .loginName
        case "CRAM-MD5":
            let nonce = String(decoding: Base64Text.encode(try TLSCrypto.randomBytes(12)), as: UTF8.self)
            state = .challengeResponse(challenge: Array("<\(nonce)@\(context.hostName)>".utf8))
        case "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS":
            state = .scram(try ScramServer(usesChannelBinding: mechanism.hasSuffix("PLUS"), context: context))
        case "XOAUTH2", "OAUTHBEARER": state = .bearer(isXOAUTH2: mechanism == "XOAUTH2")
        case "EXTERNAL": state = .external
        case "ANONYMOUS": state = .anonymous
        default: return nil
        }
    }

    /// Those of the mechanisms that can be used on a connection, in upper case.
    static func usable(_ mechanisms: [String], hasAccounts: Bool, encryption: ServerEncryption?) -> [String] {
        mechanisms.map { $0.uppercased() }.filter { name in
            switch name {
            case "SCRAM-SHA-256-PLUS":
                hasAccounts && (encryption?.exporter != nil || encryption?.endPoint != nil)
            case "EXTERNAL": encryption?.hasClientCertificate == true
            case "ANONYMOUS": true
            default: hasAccounts
            }
        }
    }

    /// What the server says first if the client sent no initial response.
    var firstChallenge: [UInt8] {
        switch state {
        case .loginName: Array("Username:".utf8)
        case .challengeResponse(let challenge): challenge
        default: []
        }
    }

    /// Whether an initial response is against the mechanism: the server speaks first.
    var isServerFirst: Bool {
        if case .challengeResponse = state { true } else { false }
    }

    /// Takes a response.
    mutating func respond(_ response: [UInt8]) throws(TLSError) -> Answer {
        switch state {
        case .plain: return plain(response)
        case .loginName:
            state = .loginPassword(name: response)
            return .challenge(Array("Password:".utf8))
        case .loginPassword(let name): return check(name: name, password: response)
        case .challengeResponse(let challenge): return try challengeResponse(challenge, response)
        case .scram(var server):
            defer { if case .scram = state { state = .scram(server) } }
            return try server.respond(response)
        case .bearer(let isXOAUTH2): return bearer(response, isXOAUTH2: isXOAUTH2)
        case .bearerFailed: return .failure
        case .external:
            guard context.encryption?.hasClientCertificate == true else { return .failure }
            guard let name = String(validating: response, as: UTF8.self) else { return .malformed }
            return .success(user: name.isEmpty ? "external" : name)
        case .anonymous: return .success(user: "anonymous")
        }
    }

    /// RFC 4616.
    private func plain(_ response: [UInt8]) -> Answer {
        let parts = response.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[1].isEmpty else { return .malformed }
        // Nobody may act for somebody else here.
        guard parts[0].isEmpty || parts[0] == parts[1] else { return .failure }
        return check(name: Array(parts[1]), password: Array(parts[2]))
    }

    private func check(name: [UInt8], password: [UInt8]) -> Answer {
        guard let name = String(validating: name, as: UTF8.self) else { return .malformed }
        guard let expected = context.users[name],
            TLSCrypto.constantTimeEqual(Array(expected.utf8), password)
        else { return .failure }
        return .success(user: name)
    }

    /// RFC 2195.
    private func challengeResponse(_ challenge: [UInt8], _ response: [UInt8]) throws(TLSError) -> Answer {
        guard let space = response.lastIndex(of: UInt8(ascii: " ")),
            let name = String(validating: response[..<space], as: UTF8.self)
        else { return .malformed }
        let password = Array((context.users[name] ?? "").utf8)
        let digest = try HashAlgorithm.md5.authenticationCode(for: challenge, key: password)
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for octet in digest { text += [digits[Int(octet >> 4)], digits[Int(octet & 15)]] }
        let isEqual = TLSCrypto.constantTimeEqual(text, Array(response[(space + 1)...]))
        return isEqual && context.users[name] != nil ? .success(user: name) : .failure
    }

    /// RFC 7628, and Google's XOAUTH2 that came before it.
    private mutating func bearer(_ response: [UInt8], isXOAUTH2: Bool) -> Answer {
        let fields = response.split(separator: 1, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        var name: String?
        var token: String?
        for field in fields {
            if field.hasPrefix("auth=Bearer ") { token = String(field.dropFirst(12)) }
            if isXOAUTH2, field.hasPrefix("user=") { name = String(field.dropFirst(5)) }
        }
        if !isXOAUTH2, let header = fields.first?.split(separator: ",", omittingEmptySubsequences: false),
            header.count == 3, header[1].hasPrefix("a=")
        {
            name = ScramServer.name(header[1].dropFirst(2))
        }
        // Both end with two separators.
        guard let name, let token, response.suffix(2) == [1, 1] else { return .malformed }
        if case .success(let user) = check(name: Array(name.utf8), password: Array(token.utf8)) {
            return .success(user: user)
        }
        state = .bearerFailed
        return .challenge(
            Array(
                (isXOAUTH2 ? #"{"status":"401","schemes":"bearer","scope":"mail"}"# : #"{"status":"invalid_token"}"#)
                    .utf8
            )
        )
    }
}
