import PosthornTLS

/// The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) with and without channel binding.
struct ScramServer {
    private enum State {
        case first
        case final(FirstRound)
        case confirmed(user: String)
        case ended
    }

    private struct FirstRound {
        var user: String
        var header: [UInt8]
        var binding: [UInt8]
        var nonce: String
        var salt: [UInt8]
        /// client-first-message-bare and server-first-message.
        var transcript: [UInt8]
    }

    private static let iterations = 4_096

    private let usesChannelBinding: Bool
    private let context: SASLServerExchange.Context
    private let ownNonce: String
    private let salt: [UInt8]
    private var state = State.first

    /// A server with a nonce and a salt that nobody can foresee.
    init(usesChannelBinding: Bool, context: SASLServerExchange.Context) throws(TLSError) {
        self.init(
            usesChannelBinding: usesChannelBinding,
            context: context,
            nonce: String(decoding: Base64Text.encode(try TLSCrypto.randomBytes(18)), as: UTF8.self),
            salt: try TLSCrypto.randomBytes(16)
        )
    }

    /// A server with a given nonce and salt, for the examples of the RFCs.
    init(usesChannelBinding: Bool, context: SASLServerExchange.Context, nonce: String, salt: [UInt8]) {
        self.usesChannelBinding = usesChannelBinding
        self.context = context
        ownNonce = nonce
        self.salt = salt
    }

    mutating func respond(_ response: [UInt8]) throws(TLSError) -> SASLServerExchange.Answer {
        guard let text = String(validating: response, as: UTF8.self) else { return .malformed }
        switch state {
        case .first: return first(text)
        case .final(let round): return try final(text, round)
        case .confirmed(let user):
            state = .ended
            return response.isEmpty ? .success(user: user) : .malformed
        case .ended: return .malformed
        }
    }

    private mutating func first(_ text: String) -> SASLServerExchange.Answer {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[2].hasPrefix("n="), parts[3].hasPrefix("r="), parts[3].count > 2 else {
            return .malformed
        }
        var binding: [UInt8] = []
        if parts[0].hasPrefix("p=") {
            guard usesChannelBinding, let octets = self.binding(String(parts[0].dropFirst(2))) else { return .failure }
            binding = octets
        } else {
            guard !usesChannelBinding, parts[0] == "n" || parts[0] == "y" else { return .malformed }
            // "y": the client could bind and believes that the server cannot. Somebody has removed the offer.
            if parts[0] == "y", context.offersChannelBinding { return .failure }
        }
        let user = Self.name(parts[2].dropFirst(2))
        guard parts[1].isEmpty || parts[1] == "a=\(parts[2].dropFirst(2))" else { return .failure }
        let nonce = parts[3].dropFirst(2) + ownNonce
        let salt = String(decoding: Base64Text.encode(salt), as: UTF8.self)
        let answer = "r=\(nonce),s=\(salt),i=\(Self.iterations)"
        state = .final(
            FirstRound(
                user: user,
                header: Array("\(parts[0]),\(parts[1]),".utf8),
                binding: binding,
                nonce: String(nonce),
                salt: self.salt,
                transcript: Array((parts[2...].joined(separator: ",") + "," + answer).utf8)
            )
        )
        return .challenge(Array(answer.utf8))
    }

    /// A saslname (RFC 5802 section 5.1).
    static func name(_ text: Substring) -> String {
        String(text).replacing("=2C", with: ",").replacing("=3D", with: "=")
    }

    private func binding(_ name: String) -> [UInt8]? {
        switch name {
        case "tls-exporter": context.encryption?.exporter
        case "tls-server-end-point": context.encryption?.endPoint
        default: nil
        }
    }

    private mutating func final(_ text: String, _ round: FirstRound) throws(TLSError) -> SASLServerExchange.Answer {
        state = .ended
        guard let comma = text.lastIndex(of: ","), text[comma...].hasPrefix(",p="),
            let proof = Base64Text.decode(text[comma...].dropFirst(3).utf8), proof.count == 32
        else { return .malformed }
        let withoutProof = text[..<comma]
        let parts = withoutProof.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].hasPrefix("c="), parts[1] == "r=\(round.nonce)",
            Base64Text.decode(parts[0].dropFirst(2).utf8) == round.header + round.binding
        else { return .failure }

        let hash = HashAlgorithm.sha256
        let password = Array((context.users[round.user] ?? "").utf8)
        let salted = try hash.derivedKey(password: password, salt: round.salt, iterations: Self.iterations)
        let clientKey = try hash.authenticationCode(for: Array("Client Key".utf8), key: salted)
        let storedKey = try hash.hash(clientKey)
        let signed = round.transcript + Array(("," + withoutProof).utf8)
        let signature = try hash.authenticationCode(for: signed, key: storedKey)
        let shown = zip(proof, signature).map { $0 ^ $1 }
        guard context.users[round.user] != nil, TLSCrypto.constantTimeEqual(try hash.hash(shown), storedKey) else {
            return .failure
        }
        let serverKey = try hash.authenticationCode(for: Array("Server Key".utf8), key: salted)
        let confirmation = try hash.authenticationCode(for: signed, key: serverKey)
        state = .confirmed(user: round.user)
        return .challenge(Array("v=".utf8) + Base64Text.encode(confirmation))
    }
}
