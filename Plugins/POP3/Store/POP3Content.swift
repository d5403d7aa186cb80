import Posthorn
import PosthornNet

/// The content of a message in a maildrop: each reader fetches it anew, while the session lasts.
struct POP3Content: ContentSource {
    let line: POP3Line
    let entry: POP3MessageList.Entry
    let account: String

    func facts(for form: ContentForm) async throws -> ContentFacts {
        try await ContentScanner.facts(of: self, for: form)
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        do {
            guard !line.isReadingEach else { throw POP3Session.busy(line.server) }
            let number = try await line.claimed {
                try await line.finishBody()
                let reply = try await line.ask(.line("RETR \(entry.number)"), about: "RETR")
                guard reply.isPositive else { throw Self.vanished(reply, entry.id, line.server) }
                return line.beginBody()
            }
            return POP3BodyReader(line: line, number: number)
        } catch var error as MailError {
            error.account = error.account ?? account
            throw error
        }
    }

    /// A refusal of RETR or TOP: as a rule the message is not there any more, since another program has deleted it.
    static func vanished(_ reply: POP3Reply, _ id: StoredMessage.ID, _ server: String) -> MailError {
        switch reply.responseCode {
        case .systemTemporary?, .systemPermanent?:
            return .refusal(reply, by: server, of: "to give a message")
        default:
            return MailError(
                .notFound,
                "\(server) does not give the message '\(PeerText.shown(id.description, limit: 100))' (any more): "
                    + "'\(reply.value.text)'; perhaps another program has deleted it: list the messages again later",
                reply: reply.value
            )
        }
    }
}

/// Reads a body as it comes in.
struct POP3BodyReader: ContentReader {
    let line: POP3Line
    let number: Int
    private var isAtEnd = false

    init(line: POP3Line, number: Int) {
        self.line = line
        self.number = number
    }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        guard !isAtEnd else { return false }
        try line.claim()
        defer { line.release() }
        guard try await line.readBody(number, into: &buffer) else {
            isAtEnd = true
            return false
        }
        return true
    }
}
