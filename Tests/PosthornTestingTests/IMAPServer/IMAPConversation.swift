import Posthorn
import Testing

@testable import PosthornTesting

/// Drives the IMAP server's engine without a socket.
struct IMAPConversation {
    let mail: IMAPMailStore
    var session: IMAPServerSession
    /// What the server has sent since the last call.
    var answered: [UInt8] = []
    var replies: String { String(decoding: answered, as: UTF8.self).replacing("\r\n", with: "\n") }
    var violations: [String] = []
    var commands: [String] = []
    var faults: [IMAPServerFault] = []
    var waits: [Duration] = []
    var ending: ServerEnding?
    var handshake: ServerHandshake?
    /// How many octets the longest step has sent, and what is taken at most of one reply.
    var longestStep = 0
    var patience = 4 << 20

    /// A conversation with three messages for `u`, whose password is `p`, and some mailboxes.
    init(
        encryption: ServerEncryption? = nil,
        connection: Int = 1,
        mail: IMAPMailStore? = nil,
        _ change: (inout IMAPServerConfiguration) -> Void = { _ in }
    ) {
        var configuration = IMAPServerConfiguration()
        configuration.users = ["u": "p"]
        configuration.tellsCapabilities = false
        configuration.mailboxes["u"] = [
            IMAPServerMailbox(
                "INBOX",
                uidValidity: 7,
                messages: [
                    IMAPServerMessage(uid: 11, flags: ["\\Seen"], text: "Subject: 1\r\n\r\none\r\n"),
                    IMAPServerMessage(uid: 12, text: "Subject: 2\r\n\r\ntwo\r\n"),
                    IMAPServerMessage(uid: 14, flags: ["\\Deleted", "$K"], text: "Subject: 3\r\n\r\nthree\r\n"),
                ]
            ),
            IMAPServerMailbox("Sent", attributes: ["\\Sent"], uidValidity: 8),
            IMAPServerMailbox("Work/2026/Ä&", uidValidity: 9),
        ]
        change(&configuration)
        self.mail = mail ?? IMAPMailStore(configuration)
        session = IMAPServerSession(configuration: configuration, mail: self.mail, connection: connection)
        take(session.begin(encryption: encryption))
    }

    /// What is in INBOX: UIDs and flags.
    var inbox: [String] { box("INBOX") }

    func box(_ name: String) -> [String] {
        (mail.snapshot(name, of: "u")?.messages ?? []).map { message in
            (["\(message.uid)"] + message.flags).joined(separator: " ")
        }
    }

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

    mutating func signIn() { say("L LOGIN u p") }

    /// Signs in and opens INBOX.
    @discardableResult
    mutating func open(_ command: String = "SELECT INBOX") -> String {
        signIn()
        return say("S \(command)")
    }

    /// Lets the session look at what has happened elsewhere.
    @discardableResult
    mutating func wake() -> String {
        answered = []
        take(session.woken())
        return replies
    }

    @discardableResult
    mutating func established(_ encryption: ServerEncryption = ServerEncryption()) -> String {
        answered = []
        handshake = nil
        take(session.encryptionEstablished(encryption))
        return replies
    }

    mutating func take(_ first: [IMAPServerSession.Step]) {
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
