import Posthorn

/// The server's first message of SCRAM: `r=nonce,s=salt,i=iterations`, checked.
struct ScramServerFirst {
    let nonce: [UInt8]
    let salt: [UInt8]
    let iterations: Int

    init(_ message: [UInt8], clientNonce: String, mechanism: String) throws {
        let parts = message.split(separator: UInt8(ascii: ","), maxSplits: 16, omittingEmptySubsequences: false)
        if message.starts(with: Array("m=".utf8)) {
            throw MailError.sasl(mechanism, "it demands an extension that is not known (RFC 5802, attribute m)")
        }
        guard parts.count >= 3, parts[0].starts(with: Array("r=".utf8)), parts[1].starts(with: Array("s=".utf8)),
            parts[2].starts(with: Array("i=".utf8))
        else { throw MailError.sasl(mechanism, "its first message does not give nonce, salt and iterations") }
        nonce = Array(parts[0].dropFirst(2))
        let ours = Array(clientNonce.utf8)
        guard nonce.starts(with: ours), nonce.count > ours.count,
            nonce.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw MailError.sasl(mechanism, "its nonce does not continue the client's") }
        guard let salt = Base64.decode(parts[1].dropFirst(2)), !salt.isEmpty else {
            throw MailError.sasl(mechanism, "its salt is empty or not base64")
        }
        self.salt = salt
        let digits = parts[2].dropFirst(2)
        guard (1...10).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(String(decoding: digits, as: UTF8.self))
        else { throw MailError.sasl(mechanism, "its number of iterations is not a number") }
        guard count >= ScramMechanism.minimumIterations else {
            throw MailError.sasl(
                mechanism,
                "it wants \(count) iterations, fewer than the \(ScramMechanism.minimumIterations) that RFC 5802 asks for"
            )
        }
        guard count <= ScramMechanism.maximumIterations else {
            throw MailError.sasl(
                mechanism,
                "it wants \(count) iterations, more than the \(ScramMechanism.maximumIterations) allowed"
            )
        }
        iterations = count
    }
}
