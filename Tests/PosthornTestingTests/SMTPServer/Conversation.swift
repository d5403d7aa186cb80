import Posthorn
import Testing

@testable import PosthornTesting

/// Drives the server's engine without a socket: `C:` lines in, `S:` lines out.
struct Conversation {
    var session: SMTPServerSession
    var replies = ""
    var messages: [ReceivedMessage] = []
    var violations: [String] = []
    var commands: [String] = []
    var isClosed = false
    var wantsTLS = false

    init(encryption: SMTPServerEncryption? = nil, _ change: (inout SMTPServerConfiguration) -> Void = { _ in }) {
        var configuration = SMTPServerConfiguration()
        change(&configuration)
        session = SMTPServerSession(configuration: configuration)
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
        replies = ""
        take(session.received(octets))
        return replies
    }

    mutating func established(_ encryption: SMTPServerEncryption) {
        wantsTLS = false
        take(session.encryptionEstablished(encryption))
    }

    mutating func take(_ steps: [SMTPServerStep]) {
        for step in steps {
            switch step {
            case .send(let octets): replies += String(decoding: octets, as: UTF8.self).replacing("\r\n", with: "\n")
            case .startTLS: wantsTLS = true
            case .command(let line): commands.append(line)
            case .violation(let sentence): violations.append(sentence)
            case .message(let message): messages.append(message)
            case .close: isClosed = true
            }
        }
    }
}
