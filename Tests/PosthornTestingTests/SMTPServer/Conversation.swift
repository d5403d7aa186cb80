import Posthorn
import Testing

@testable import PosthornTesting

/// Drives the server's engine without a socket: `C:` lines in, `S:` lines out.
struct Conversation {
    var session: SMTPServerSession
    /// What the server has sent, since the last call and altogether.
    var answered: [UInt8] = []
    var sent: [UInt8] = []
    var replies: String { String(decoding: answered, as: UTF8.self).replacing("\r\n", with: "\n") }
    var messages: [ReceivedMessage] = []
    var violations: [String] = []
    var commands: [String] = []
    var faults: [SMTPServerFault] = []
    var waits: [Duration] = []
    /// How the conversation ended, if it did.
    var ending: ServerEnding?
    /// How a handshake that is due is to go.
    var handshake: ServerHandshake?
    var isClosed: Bool { ending != nil }
    var wantsTLS: Bool { handshake != nil }

    init(
        encryption: ServerEncryption? = nil,
        connection: Int = 1,
        _ change: (inout SMTPServerConfiguration) -> Void = { _ in }
    ) {
        var configuration = SMTPServerConfiguration()
        change(&configuration)
        session = SMTPServerSession(configuration: configuration, connection: connection)
        take(session.begin(encryption: encryption))
    }

    /// Sends a text whose line feeds stand for CRLF; gives the server's answer, with line feeds too.
    @discardableResult
    mutating func say(_ text: String) -> String {
        send(Array(text.replacing("\n", with: "\r\n").utf8) + [13, 10])
    }

    /// Sends octets as they are.
    @discardableResult
    mutating func send(_ octets: [UInt8]) -> String {
        answered = []
        take(session.received(octets))
        return replies
    }

    /// Sends octets in pieces of a size; gives everything that was answered.
    mutating func send(_ octets: [UInt8], piece: Int) -> String {
        var answers = ""
        var rest = octets[...]
        while !rest.isEmpty {
            answers += send(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        return answers
    }

    @discardableResult
    mutating func established(_ encryption: ServerEncryption) -> String {
        handshake = nil
        answered = []
        take(session.encryptionEstablished(encryption))
        return replies
    }

    mutating func take(_ steps: [SMTPServerSession.Step]) {
        for step in steps {
            switch step {
            case .send(let octets):
                answered += octets
                sent += octets
            case .wait(let duration): waits.append(duration)
            case .startTLS(let handshake): self.handshake = handshake
            case .command(let line): commands.append(line)
            case .violation(let sentence): violations.append(sentence)
            case .event(let message): messages.append(message)
            case .fault(let fault): faults.append(fault)
            case .end(let ending): self.ending = ending
            }
        }
    }
}
