/// What an ``IMAPTestServer`` remembers of one connection.
public struct IMAPServerConnection: Sendable {
    /// The number of the connection, from 1.
    public var number: Int
    /// The commands in the order of their arrival, without their tags, and the lines DONE. Of literals only the sizes
    /// are there, as in `APPEND INBOX {300}`. The password of LOGIN and the responses of a sign-in are replaced by
    /// `<hidden>`.
    public var commands: [String] = []
    /// What the client did against the protocol, one sentence each.
    public var violations: [String] = []
    /// The faults of the configuration that struck, in order; one that strikes several times is there several times.
    public var faults: [IMAPServerFault] = []
    /// Whether the connection is encrypted (now, or at its end).
    public var isEncrypted = false
    /// Whether it has ended.
    public var isClosed = false
    /// The error that ended the TLS handshake or the encrypted connection, if one did.
    public var encryptionError: String?
    /// The octets that the client sent in the clear: those that anybody on the way could read. Kept only if
    /// ``IMAPServerConfiguration/recordsOctets`` is on.
    public var clearOctets: [UInt8] = []
    /// The octets that the client sent under encryption, decrypted. Kept only if
    /// ``IMAPServerConfiguration/recordsOctets`` is on.
    public var encryptedOctets: [UInt8] = []
}

extension IMAPServerConnection: ServerConnectionRecord {
    init(number: Int) {
        self.init(number: number, commands: [])
    }
}
