@testable import Posthorn
@testable import PosthornNet
@testable import PosthornSMTP

/// What the client wants to do in a fuzzed conversation. The first 18 octets of an input say it; the rest is what the
/// server says.
///
/// | octet | meaning |
/// | --- | --- |
/// | 0 | bits: LMTP; STARTTLS; TLS from the start; PIPELINING whatever EHLO says; CHUNKING likewise; no introduction; no sign-in; whoever talks too early ends the session |
/// | 1 | low half: the mechanism of the settings, 0 for none; high half: the credentials |
/// | 2 | low half: the number of messages; high half: the window |
/// | 3 … 8 | a message: recipients (bits 0–2), how it travels (3, 4), chunks before the last (5, 6), whether its source fails (7) |
/// | 9, 10 | two bits for each of the first messages: replies looked for before each of its chunks |
/// | 11 … 17 | sizes of the pieces in which the server's octets come |
struct ConversationPlan {
    enum Travel { case data, chunks, inline }

    struct Message {
        var recipients: Int
        var travel: Travel
        var chunksBeforeLast: Int
        var sourceFails: Bool
        var looksForReplies: Int
    }

    static let size = 18
    static let password = "correct-horse-battery"
    static let token = "ya29.token-of-the-fuzzer"

    var isLMTP: Bool
    var usesSTARTTLS: Bool
    var isEncrypted: Bool
    var forcesPipelining: Bool
    var forcesChunking: Bool
    var skipsIntroduction: Bool
    var skipsSignIn: Bool
    var refusesSurplus: Bool
    var mechanisms: [String]
    var credentials: SASLCredentials
    var hasBindings: Bool
    var window: Int
    var messages: [Message]
    var pieces: [Int]

    init(_ input: inout FuzzInput) {
        let flags = input.octet()
        isLMTP = flags & 1 != 0
        usesSTARTTLS = flags & 2 != 0
        isEncrypted = flags & 4 != 0
        forcesPipelining = flags & 8 != 0
        forcesChunking = flags & 16 != 0
        skipsIntroduction = flags & 32 != 0
        skipsSignIn = flags & 64 != 0
        refusesSurplus = flags & 128 != 0
        let signIn = input.octet()
        let mechanism = Int(signIn & 15)
        mechanisms = (1...SASLNegotiator.known.count).contains(mechanism) ? [SASLNegotiator.known[mechanism - 1]] : []
        credentials = Self.credentials(Int(signIn >> 4))
        hasBindings = signIn & 128 != 0
        let counts = input.octet()
        window = [1, 2, 3, 4, 32][Int(counts >> 4) % 5]
        let sixMessages = input.octets(6)
        let looks = Int(input.octet()) | Int(input.octet()) << 8
        messages = sixMessages.prefix(1 + Int(counts & 15) % 6).enumerated().map { number, octet in
            Message(
                recipients: 1 + Int(octet & 7) % 5,
                travel: [.data, .chunks, .inline, .data][Int(octet >> 3 & 3)],
                chunksBeforeLast: Int(octet >> 5 & 3),
                sourceFails: octet & 128 != 0,
                looksForReplies: looks >> (number * 2) & 3
            )
        }
        pieces = input.octets(7).map(Int.init)
    }

    private static func credentials(_ kind: Int) -> SASLCredentials {
        let password = Secret(Self.password)
        let token = Secret(Self.token)
        return switch kind & 7 {
        case 0, 1: SASLCredentials(username: "info@example.org", password: password)
        case 2: SASLCredentials(username: "info@example.org", token: token)
        case 3: SASLCredentials(username: "info@example.org", authorization: "boss", password: password)
        case 4: SASLCredentials(username: "info@example.org", hasCertificate: true)
        case 5: SASLCredentials(username: "a=b,c\u{AD}ü", password: password, hasCertificate: true)
        case 6: SASLCredentials(username: "", token: token)
        default: SASLCredentials(username: "info@example.org", password: password, token: token)
        }
    }

    /// What nobody may see: what is used to sign in.
    var secrets: [String] {
        (credentials.password == nil ? [] : [Self.password]) + (credentials.token == nil ? [] : [Self.token])
    }

    /// The recipients of every transaction: only their places tell them apart.
    static let recipients = (0..<5).compactMap { try? EmailAddress("r\($0)@example.org") }

    /// The endpoint of the conversation. On this computer, plain passwords may be sent without TLS.
    var endpoint: Endpoint { Endpoint(host: "localhost", port: 25) }
}
