import Posthorn
import Testing

@testable import PosthornTesting

/// Drives the POP3 server's engine without a socket.
struct POP3Conversation {
    let maildrops: POP3Maildrops
    var session: POP3ServerSession
    /// What the server has sent since the last call.
    var answered: [UInt8] = []
    var replies: String { String(decoding: answered, as: UTF8.self).replacing("\r\n", with: "\n") }
    var violations: [String] = []
    var commands: [String] = []
    var faults: [POP3ServerFault] = []
    var waits: [Duration] = []
    var ending: ServerEnding?
    var handshake: ServerHandshake?
    /// How many octets the longest step has sent, and what is taken at most of one reply.
    var longestStep = 0
    var patience = 4 << 20

    /// A conversation with two messages for `u`, whose password is `p`.
    init(
        encryption: ServerEncryption? = nil,
        connection: Int = 1,
        maildrops: POP3Maildrops? = nil,
        _ change: (inout POP3ServerConfiguration) -> Void = { _ in }
    ) {
        var configuration = POP3ServerConfiguration()
        configuration.users = ["u": "p"]
        configuration.messages["u"] = [
            POP3ServerMessage(uid: "one", text: "Subject: 1\r\n\r\n.dot\r\nend\r\n"),
            POP3ServerMessage(uid: "two", text: "Subject: 2\r\n\r\ntwo\r\n"),
        ]
        change(&configuration)
        self.maildrops = maildrops ?? POP3Maildrops(configuration.messages)
        session = POP3ServerSession(configuration: configuration, maildrops: self.maildrops, connection: connection)
        take(session.begin(encryption: encryption))
    }

    /// The names of the messages that are there, those marked with a minus.
    var left: [String] { maildrops.messages(of: "u").map { ($0.isMarkedForDeletion ? "-" : "") + $0.uid } }

    /// Sends a text whose line feeds stand for CRLF; gives the server's answer, with line feeds too.
    @discardableResult
    mutating func say(_ text: String) -> String {
        send(Array(text.replacing("\n", with: "\r\n").utf8) + [13, 10])
    }

    @discardableResult
    mutating func send(_ octets: [UInt8]) -> String {
        answered = []
        take(session.received(octets))
        return replies
    }

    mutating func signIn() { say("USER u\nPASS p") }

    @discardableResult
    mutating func established(_ encryption: ServerEncryption = ServerEncryption()) -> String {
        answered = []
        handshake = nil
        take(session.encryptionEstablished(encryption))
        return replies
    }

    mutating func take(_ first: [POP3ServerSession.Step]) {
        var steps = first
        while true {
            for step in steps {
                switch step {
                case .send(let octets):
                    answered += octets
                    longestStep = max(longestStep, octets.count)
                case .wait(let duration): waits.append(duration)
                case .startTLS(let handshake): self.handshake = handshake
                case .command(let line): commands.append(line)
                case .violation(let sentence): violations.append(sentence)
                case .fault(let fault): faults.append(fault)
                case .end(let ending): self.ending = ending
                }
            }
            guard session.hasMore, answered.count < patience else { return }
            steps = session.more()
        }
    }
}
