package import Posthorn
import PosthornTLS

/// SCRAM (RFC 5802, RFC 7677) with SHA-1, SHA-256 or SHA-512, with or without channel binding (-PLUS).
///
/// The server proves that it knows the password too: its success without its signature is an error.
package struct ScramMechanism: SASLMechanism {
    /// Which hash.
    package struct Hash: Sendable, Hashable {
        let name: String
        let algorithm: HashAlgorithm
        /// SHA-1
        package static let sha1 = Hash(name: "SHA-1", algorithm: .sha1)
        /// SHA-256
        package static let sha256 = Hash(name: "SHA-256", algorithm: .sha256)
        /// SHA-512
        package static let sha512 = Hash(name: "SHA-512", algorithm: .sha512)
    }

    /// What is said about channel binding (RFC 5802, section 6).
    package struct Binding: Sendable {
        let flag: String
        let data: [UInt8]
        let isPlus: Bool

        /// The client cannot bind, or was told not to: `n`.
        package static let unsupported = Binding(flag: "n", data: [], isPlus: false)
        /// The client could bind, and the server has not offered to: `y`. A server that has offered knows then that
        /// somebody took the offer away.
        package static let notOffered = Binding(flag: "y", data: [], isPlus: false)
        /// Bound to the TLS connection: `p`.
        package static func bound(type: String, data: [UInt8]) -> Binding {
            Binding(flag: "p=\(type)", data: data, isPlus: true)
        }
    }

    /// The fewest iterations taken (RFC 5802, section 4): fewer make guessing cheap for whoever listens.
    package static let minimumIterations = 4_096
    /// The most iterations taken: more would let a hostile server hold this computer for seconds.
    package static let maximumIterations = 2_000_000

    private enum State: Sendable {
        case initial
        case first(bare: String)
        case final(serverSignature: [UInt8])
        case verified
        case failed
    }

    package let isPlaintext = false
    package private(set) var failureDetail: String?
    private let hash: Hash
    private let binding: Binding
    private let credentials: SASLCredentials
    private let password: Secret
    private let nonce: String?
    private var clientNonce = ""
    private var state = State.initial

    /// - Parameter nonce: For test vectors; random if `nil`.
    package init(
        _ hash: Hash,
        _ credentials: SASLCredentials,
        password: Secret,
        binding: Binding,
        nonce: String? = nil
    ) {
        self.hash = hash
        self.credentials = credentials
        self.password = password
        self.binding = binding
        self.nonce = nonce
    }

    package var name: String { "SCRAM-\(hash.name)\(binding.isPlus ? "-PLUS" : "")" }

    package var isComplete: Bool {
        if case .verified = state { true } else { false }
    }

    private var header: String {
        let authorization = credentials.authorization.map { "a=\(Self.escaped($0))" } ?? ""
        return "\(binding.flag),\(authorization),"
    }

    package mutating func initialResponse() throws -> Secret? {
        guard let user = SASLprep.prepare(credentials.username), !user.isEmpty else {
            throw MailError(
                .authenticationUnavailable,
                "the user name is empty or holds characters that no user name may hold (RFC 4013); correct 'username'"
            )
        }
        if let nonce {
            clientNonce = nonce
        } else {
            let random = try SASLCrypto.run(name) { () throws(TLSError) in try TLSCrypto.randomBytes(24) }
            clientNonce = String(decoding: Base64.encode(random), as: UTF8.self)
        }
        let bare = "n=\(Self.escaped(user)),r=\(clientNonce)"
        state = .first(bare: bare)
        return Secret(header + bare)
    }

    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        switch state {
        case .first(let bare):
            return try respond(toFirst: challenge, bare: bare)
        case .final(let signature):
            try verify(challenge, signature)
            return Secret(bytes: [])
        case .initial, .verified, .failed:
            throw MailError.sasl(name, "it asked at a time when nothing is to be asked")
        }
    }

    private mutating func respond(toFirst challenge: [UInt8], bare: String) throws -> Secret {
        state = .failed
        let first = try ScramServerFirst(challenge, clientNonce: clientNonce, mechanism: name)
        guard let secret = SASLprep.prepare(password.withBytes { Array($0) }), !secret.isEmpty else {
            throw MailError(
                .authenticationUnavailable,
                "the password is empty or holds characters that no password may hold (RFC 4013); correct 'password'"
            )
        }
        let channel = Base64.encode(Array(header.utf8) + binding.data)
        var final = Array("c=".utf8) + channel + Array(",r=".utf8) + first.nonce
        let message = Array(bare.utf8) + [0x2C] + challenge + [0x2C] + final
        let algorithm = hash.algorithm
        let (proof, signature) = try SASLCrypto.run(name) { () throws(TLSError) in
            let salted = try algorithm.derivedKey(password: secret, salt: first.salt, iterations: first.iterations)
            let clientKey = try algorithm.authenticationCode(for: Array("Client Key".utf8), key: salted)
            let storedKey = try algorithm.hash(clientKey)
            let clientSignature = try algorithm.authenticationCode(for: message, key: storedKey)
            let serverKey = try algorithm.authenticationCode(for: Array("Server Key".utf8), key: salted)
            let serverSignature = try algorithm.authenticationCode(for: message, key: serverKey)
            return (zip(clientKey, clientSignature).map { $0 ^ $1 }, serverSignature)
        }
        final += Array(",p=".utf8) + Base64.encode(proof)
        state = .final(serverSignature: signature)
        return Secret(bytes: final)
    }

    private mutating func verify(_ challenge: [UInt8], _ signature: [UInt8]) throws {
        state = .failed
        let head = challenge.prefix { $0 != UInt8(ascii: ",") }
        if head.starts(with: Array("e=".utf8)) {
            let detail = PeerText.shown(head.dropFirst(2), limit: 100)
            failureDetail = detail
            throw MailError(
                .authenticationFailed,
                "the server refused the sign-in with \(name) (\(detail)); correct 'username' and 'password'"
            )
        }
        guard head.starts(with: Array("v=".utf8)), let theirs = Base64.decode(head.dropFirst(2)),
            TLSCrypto.constantTimeEqual(theirs, signature)
        else {
            throw MailError.sasl(
                name,
                "its signature is wrong, so it does not know the password and may be an impostor"
            )
        }
        state = .verified
    }

    /// `=` and `,` have a meaning of their own in user names (RFC 5802, section 5.1).
    private static func escaped(_ name: String) -> String {
        name.replacing("=", with: "=3D").replacing(",", with: "=2C")
    }
}
