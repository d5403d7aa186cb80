import Posthorn
import PosthornNet

/// The first line of a reply of a POP3 server (RFC 1939 section 3), or its request to go on (RFC 5034).
struct POP3Reply: Equatable, Sendable {
    enum Status: Equatable, Sendable {
        /// `+OK`
        case ok
        /// `-ERR`
        case error
        /// `+ ` and a challenge
        case challenge
    }

    var status: Status
    /// The text behind the status, as the server sent it.
    var text: [UInt8]

    /// `+OK`: the command was carried out.
    var isPositive: Bool { status == .ok }

    /// The response code in brackets at the beginning of the text (RFC 2449 section 8), in upper case.
    var responseCode: POP3ResponseCode? {
        guard text.first == UInt8(ascii: "["), let end = text.prefix(256).firstIndex(of: UInt8(ascii: "]")) else {
            return nil
        }
        let word = String(decoding: text[1..<end], as: UTF8.self)
        return word.isEmpty ? nil : POP3ResponseCode(PeerText.shown(word, limit: 100))
    }

    /// The reply as a value for people and programs: escaped and cut.
    var value: ServerReply { ServerReply(text: String(decoding: text.prefix(4_096), as: UTF8.self)) }
}

/// A code by which a server tells programs why it refuses (RFC 2449 section 8, RFC 3206, RFC 6856).
public struct POP3ResponseCode: Hashable, Sendable, CustomStringConvertible {
    /// The code without its brackets, in upper case: `IN-USE`, `SYS/TEMP`.
    public let description: String

    /// A code by its text.
    public init(_ text: String) { description = text.uppercased() }

    /// Another session has the maildrop.
    public static let inUse = POP3ResponseCode("IN-USE")
    /// Signed in too soon after the last time.
    public static let loginDelay = POP3ResponseCode("LOGIN-DELAY")
    /// Something is wrong with the system and will pass.
    public static let systemTemporary = POP3ResponseCode("SYS/TEMP")
    /// Something is wrong with the system, and somebody has to look at it.
    public static let systemPermanent = POP3ResponseCode("SYS/PERM")
    /// The credentials are wrong.
    public static let authentication = POP3ResponseCode("AUTH")
    /// The maildrop needs UTF8.
    public static let utf8 = POP3ResponseCode("UTF8")
}

extension SecretMask {
    /// The reply without the secrets.
    func masked(_ reply: POP3Reply) -> POP3Reply {
        isEmpty ? reply : POP3Reply(status: reply.status, text: masked(reply.text))
    }
}
