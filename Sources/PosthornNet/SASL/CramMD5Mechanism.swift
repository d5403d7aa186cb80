package import Posthorn
import PosthornTLS

/// CRAM-MD5 (RFC 2195): a keyed hash of the server's challenge.
package struct CramMD5Mechanism: SASLMechanism {
    package let name = "CRAM-MD5"
    package let isPlaintext = false
    package private(set) var isComplete = false
    private let username: String
    private let password: Secret

    package init(username: String, password: Secret) {
        self.username = username
        self.password = password
    }

    package mutating func initialResponse() throws -> Secret? { nil }

    package mutating func respond(to challenge: [UInt8]) throws -> Secret {
        guard !isComplete else { throw MailError.sasl(name, "it asked again after everything had been said") }
        guard !challenge.isEmpty else { throw MailError.sasl(name, "its challenge is empty") }
        isComplete = true
        let key = password.withBytes { Array($0) }
        let digest = try SASLCrypto.run(name) { () throws(TLSError) in
            try HashAlgorithm.md5.authenticationCode(for: challenge, key: key)
        }
        var octets = Array(username.utf8)
        octets.append(0x20)
        for octet in digest {
            for digit in [octet &>> 4, octet & 0x0F] {
                octets.append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &- 10 &+ UInt8(ascii: "a"))
            }
        }
        return Secret(bytes: octets)
    }
}
