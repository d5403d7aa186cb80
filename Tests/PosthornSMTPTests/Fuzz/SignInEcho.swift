@testable import Posthorn
@testable import PosthornNet
@testable import PosthornTLS

/// What a server that knows the password can say during the sign-in and later, and a random generator could not guess.
///
/// | octet | stands for |
/// | --- | --- |
/// | 1 | the password |
/// | 2 | the password in base64 |
/// | 3 | the token |
/// | 4 | the client's last line |
/// | 5 | SCRAM: the right first message, in base64 |
/// | 6 | SCRAM: the right signature, in base64 |
/// | 7 | SCRAM: an error that holds the password, in base64 |
/// | 14 | the token in base64 |
struct SignInEcho {
    private static let salt = Array("salt of the fuzzer".utf8)
    private static let iterations = 4_096

    /// What the client has said, without line ends.
    private(set) var lines: [[UInt8]] = []

    mutating func heard(_ line: WireText) {
        lines.append(line.octets.dropLast(2))
        // Two rounds of SCRAM and the command; the rest is only repeated.
        if lines.count > 8 { lines.removeFirst() }
    }

    private let secrets: [UInt8: [UInt8]]

    init(_ plan: ConversationPlan) { secrets = Self.secrets(of: plan) }

    /// The octets that stand for secrets of the sign-in, and these.
    static func secrets(of plan: ConversationPlan) -> [UInt8: [UInt8]] {
        var secrets: [UInt8: [UInt8]] = [:]
        if plan.secrets.contains(ConversationPlan.password) {
            secrets[1] = Array(ConversationPlan.password.utf8)
            secrets[2] = Base64.encode(Array(ConversationPlan.password.utf8))
        }
        if plan.secrets.contains(ConversationPlan.token) {
            secrets[3] = Array(ConversationPlan.token.utf8)
            secrets[14] = Base64.encode(Array(ConversationPlan.token.utf8))
        }
        return secrets
    }

    func meaning(of octet: UInt8) -> [UInt8]? {
        switch octet {
        case 4: lines.last ?? []
        case 5: Base64.encode(serverFirst ?? [])
        case 6: Base64.encode(serverFinal ?? [])
        case 7: Base64.encode(Array("e=\(ConversationPlan.password)".utf8))
        default: secrets[octet]
        }
    }

    private var hash: HashAlgorithm {
        let command = lines.last { $0.starts(with: Array("AUTH ".utf8)) } ?? []
        let text = String(decoding: command, as: UTF8.self)
        return text.contains("SHA-512") ? .sha512 : text.contains("SHA-256") ? .sha256 : .sha1
    }

    /// The client's message in a line: its last word, decoded.
    private func message(startingWith start: [String]) -> String? {
        for line in lines.reversed() {
            guard let word = line.split(separator: 0x20).last, let octets = Base64.decode(word) else { continue }
            let text = String(decoding: octets, as: UTF8.self)
            if start.contains(where: text.hasPrefix) { return text }
        }
        return nil
    }

    /// client-first-message-bare
    private var clientFirst: String? {
        guard let text = message(startingWith: ["n,", "y,", "p="]) else { return nil }
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[2]) : nil
    }

    private var serverFirst: [UInt8]? {
        guard let clientFirst, let nonce = clientFirst.split(separator: ",").first(where: { $0.hasPrefix("r=") }) else {
            return nil
        }
        let salt = String(decoding: Base64.encode(Self.salt), as: UTF8.self)
        return Array("\(nonce)fuzz,s=\(salt),i=\(Self.iterations)".utf8)
    }

    private var serverFinal: [UInt8]? {
        guard let clientFirst, let serverFirst, let clientFinal = message(startingWith: ["c="]),
            let proof = clientFinal.firstRange(of: ",p=")
        else { return nil }
        let signed =
            Array(clientFirst.utf8) + [0x2C] + serverFirst + [0x2C] + Array(clientFinal[..<proof.lowerBound].utf8)
        let password = Array(ConversationPlan.password.utf8)
        guard let salted = try? hash.derivedKey(password: password, salt: Self.salt, iterations: Self.iterations),
            let key = try? hash.authenticationCode(for: Array("Server Key".utf8), key: salted),
            let signature = try? hash.authenticationCode(for: signed, key: key)
        else { return nil }
        return Array("v=".utf8) + Base64.encode(signature)
    }
}
