/// A command or a capability that the POP3 test server can support, by its word in the reply to CAPA.
public struct POP3ServerExtension: Hashable, Sendable, CustomStringConvertible {
    /// The word.
    public let description: String

    private init(_ word: String) {
        description = word
    }

    /// CAPA itself (RFC 2449). Without it, the command is unknown.
    public static let capa = Self("CAPA")
    /// TOP (RFC 1939).
    public static let top = Self("TOP")
    /// UIDL (RFC 1939).
    public static let uidl = Self("UIDL")
    /// USER and PASS (RFC 1939).
    public static let user = Self("USER")
    /// APOP (RFC 1939): the greeting has a timestamp. CAPA does not tell it.
    public static let apop = Self("APOP")
    /// AUTH (RFC 5034), with ``POP3ServerConfiguration/mechanisms``.
    public static let sasl = Self("SASL")
    /// Codes in brackets in replies (RFC 2449). Without it, replies have none.
    public static let responseCodes = Self("RESP-CODES")
    /// `[AUTH]` for a wrong password (RFC 3206).
    public static let authResponseCode = Self("AUTH-RESP-CODE")
    /// RFC 2449. Without it, a client that does not wait for replies is a violation.
    public static let pipelining = Self("PIPELINING")
    /// How long messages stay (RFC 2449): ``POP3ServerConfiguration/expire``.
    public static let expire = Self("EXPIRE")
    /// The seconds between two sign-ins (RFC 2449): ``POP3ServerConfiguration/loginDelay``.
    public static let loginDelay = Self("LOGIN-DELAY")
    /// UTF8 (RFC 6856).
    public static let utf8 = Self("UTF8")
    /// LANG (RFC 6856): ``POP3ServerConfiguration/languages``.
    public static let lang = Self("LANG")
    /// RFC 2449.
    public static let implementation = Self("IMPLEMENTATION")

    /// All of them, in the order in which they are announced.
    public static let all: [POP3ServerExtension] = [
        .capa, .top, .uidl, .user, .apop, .sasl, .responseCodes, .authResponseCode, .pipelining, .expire, .loginDelay,
        .utf8, .lang, .implementation,
    ]
}
