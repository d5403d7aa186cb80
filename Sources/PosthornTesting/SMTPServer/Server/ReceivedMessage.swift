/// A message that an ``SMTPTestServer`` has taken.
public struct ReceivedMessage: Sendable {
    /// A recipient that was accepted.
    public struct Recipient: Hashable, Sendable {
        /// The address as it was given, without brackets.
        public var address: String
        /// The events of NOTIFY (RFC 3461), as they were given; `nil` if there was none.
        public var notify: [String]?
        /// The value of ORCPT, decoded, such as `rfc822;a@example.org`.
        public var originalRecipient: String?
        /// The value of RRVS (RFC 7293) as it was given, such as `2026-11-23T19:24:43Z;R`.
        public var validSince: String?
    }

    /// The name that the server's queue gives it; part of the reply.
    public var queueID: String
    /// The number of the connection on which it came, from 1.
    public var connection: Int
    /// What the client called itself in EHLO, HELO or LHLO.
    public var clientName: String
    /// The reverse path without brackets; `nil` for the null reverse path.
    public var sender: String?
    /// The accepted recipients, in the order of their commands.
    public var recipients: [Recipient]
    /// The parameters of MAIL: upper-case keyword, and value as it was given (`nil` for those without).
    public var parameters: [String: String?]
    /// The octets of the message as they were meant, without dot-stuffing: all, or as many as the limit allows to keep.
    public var bytes: [UInt8]
    /// The number of octets that came.
    public var size: UInt64
    /// Whether it came over an encrypted connection.
    public var isEncrypted: Bool
    /// Who had signed in.
    public var user: String?
    /// The mechanism of the sign-in.
    public var mechanism: String?
    /// Whether it came by BDAT.
    public var usedChunking: Bool
    /// What was wrong with its octets, one sentence each: lone CR or LF, undeclared 8-bit octets, NUL, long lines.
    public var violations: [String]

    /// The octets as text; invalid UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value of ENVID (RFC 3461), decoded.
    public var envelopeID: String? { parameters["ENVID"].flatMap { $0 }.flatMap(XText.decode) }
}
