/// Weighs what a peer sends after the handshake that is not data: session tickets, key updates, requests to
/// renegotiate. A little is normal; without end it keeps this side busy for nothing.
struct PostHandshakeTraffic {
    private static let messageAllowance = 64
    private static let silentOctetAllowance = 1 << 20
    private static let plaintextPerMessage = 1 << 14

    private var messages = 0
    private var plaintext = 0
    private var octetsSincePlaintext = 0

    /// A message of the handshake protocol came after the handshake.
    mutating func receivedMessage() { messages &+= 1 }

    /// Ciphertext came.
    mutating func received(_ count: Int) { octetsSincePlaintext &+= count }

    /// Plaintext was given to the owner of the connection.
    mutating func delivered(_ count: Int) {
        plaintext &+= count
        octetsSincePlaintext = 0
    }

    /// Whether the peer sends more than a peer with data to send ever needs.
    var isExcessive: Bool {
        messages > Self.messageAllowance &+ plaintext / Self.plaintextPerMessage
            || octetsSincePlaintext > Self.silentOctetAllowance
    }
}
