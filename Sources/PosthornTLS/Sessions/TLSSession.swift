/// What a client keeps of a connection in order to resume it later (RFC 5077, RFC 8446, section 2.2).
///
/// It holds key material: it has no text form and is meant for memory only.
package struct TLSSession: Sendable, CustomStringConvertible, CustomReflectable {
    /// OpenSSL's DER form.
    let serialised: [UInt8]
    /// The protocol version it belongs to; sessions of TLS 1.3 are used once.
    package let version: TLSVersion
    /// The server it was made with.
    package let serverName: TLSServerName
    /// When it ends, in seconds since 1970: the ticket's own end, at most a day, never after the certificate's end.
    package let expires: Int64
    /// The context under whose rules the server was verified.
    let contextIdentifier: UInt64

    package var isSingleUse: Bool { version >= .v1_3 }

    package var description: String { "TLS session for \(serverName) (\(version))" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
