public import Posthorn
import PosthornNet

/// A visit to a POP3 maildrop, by one task: RFC 1939's transaction state.
///
/// Nothing is deleted before ``commit()``: it sends every DELE and then QUIT, which makes them final.
public final class POP3Session: StoreSession {
    let line: POP3Line
    let settings: POP3Settings
    private let account: String
    /// The list as the server gave it. It does not change during a session.
    var entries: [POP3MessageList.Entry]?
    private var indices: [StoredMessage.ID: Int] = [:]
    private var marked: Set<Int> = []
    /// Whether ``readEach(_:_:)`` is under way.
    var isReading: Bool {
        get { line.isReadingEach }
        set { line.isReadingEach = newValue }
    }

    init(line: POP3Line, settings: POP3Settings, account: String) {
        self.line = line
        self.settings = settings
        self.account = account
    }

    /// What the server announced.
    public var capabilities: POP3Capabilities { line.capabilities }

    /// The messages in the order of the maildrop. Without UIDL, or if the server gives the same UIDL to several messages,
    /// their names do not last: see ``StoredMessage/isIDLasting``.
    ///
    /// - Throws: ``MailError`` with code `protocol-violation` for a list that is none, and the errors of a connection.
    public func messages() async throws -> [StoredMessage] {
        try await used {
            try await list().map { StoredMessage(id: $0.id, size: $0.size, isIDLasting: $0.isLasting) }
        }
    }

    /// The content of a message: each reader fetches it anew. One is read at a time; a reader that is not at its end when
    /// the session goes on to something else throws `misuse`.
    public func content(of id: StoredMessage.ID) async throws -> MessageContent {
        try await used {
            let entry = try await entry(id)
            return MessageContent(POP3Content(line: line, entry: entry, account: account))
        }
    }

    /// What else the session can do: `.deletion`, and `.headers` if the server has TOP.
    public func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface? {
        if Interface.self == (any HeaderReading).self, !hasTOP { return nil }
        return self as? Interface
    }

    private var hasTOP: Bool { capabilities.offers("TOP") || !capabilities.isKnown }

    /// Sends the deletions and, when all of them are answered, QUIT.
    ///
    /// - Throws: ``MailError``. With code `refused` if the server refuses some of the deletions; the others are done. If the
    ///   session breaks before QUIT, nothing is deleted; if it breaks before the server has answered QUIT, nobody knows.
    ///   The error says which.
    public func commit() async throws {
        try guardReading()
        try await named {
            try line.claim()
            // Whatever comes now, nothing more can be done in this session.
            _ = line.end()
            let numbers = marked.sorted()
            guard !numbers.isEmpty else { return await line.sayGoodbye() }
            let refused = try await adding("nothing was deleted") {
                try await line.finishBody()
                let refused = try await line.delete(numbers, window: window)
                try line.refuseSurplus(before: "QUIT")
                return refused
            }
            let accepted = numbers.count - refused.count
            let doubt =
                accepted == 0
                ? "nothing was deleted"
                : "nobody knows whether the \(count(accepted)) \(accepted == 1 ? "was" : "were") deleted: list what is there"
            let reply = try await adding(doubt) {
                line.write(.line("QUIT"))
                return try await line.reply(to: "QUIT")
            }
            await line.connection.closeGracefully()
            guard reply.isPositive else {
                var error = MailError.refusal(reply, by: line.server, of: "to delete \(count(numbers.count))")
                error.message += "; some of them may be deleted"
                throw error
            }
            guard let first = refused.first else { return }
            let what = "to delete \(refused.count) of \(count(numbers.count))"
            var error = MailError.refusal(first, by: line.server, of: what, advice: "try again later")
            if accepted > 0 { error.message += "; the others are deleted" }
            throw error
        }
    }

    /// Says in an error what is known of the deletions.
    private func adding<Result>(_ knowledge: String, to work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch var error as MailError {
            if !error.message.contains(knowledge) { error.message += "; \(knowledge)" }
            throw error
        }
    }

    /// Ends the session. Nothing is deleted: no DELE was ever sent, or the connection is closed without QUIT.
    public func abandon() async {
        guard line.end() else { return line.connection.abort() }
        await line.sayGoodbye()
    }

    private func count(_ messages: Int) -> String { messages == 1 ? "1 message" : "\(messages) messages" }

    // MARK: For the extensions

    /// How many commands may be under way.
    var window: Int { capabilities.offers("PIPELINING") ? settings.messagesInFlight : 1 }

    /// Does something with the connection, alone, behind whatever was being read.
    func used<Result>(_ work: () async throws -> Result) async throws -> Result {
        try guardReading()
        return try await named {
            try await line.claimed {
                try await line.finishBody()
                return try await work()
            }
        }
    }

    private func guardReading() throws {
        guard !isReading else { throw Self.busy(line.server) }
    }

    static func busy(_ server: String) -> MailError {
        MailError(
            .misuse,
            "the session with \(server) cannot be used inside of readEach; note what is to be done, and do it behind it"
        )
    }

    /// Errors get the account's name.
    func named<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch var error as MailError {
            error.account = error.account ?? account
            throw error
        }
    }

    /// The list, asked for once.
    func list() async throws -> [POP3MessageList.Entry] {
        if let entries { return entries }
        let entries = try await line.list()
        self.entries = entries
        indices.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() { indices[entry.id] = index }
        return entries
    }

    /// The entry of a message.
    func entry(_ id: StoredMessage.ID) async throws -> POP3MessageList.Entry {
        let list = try await list()
        guard let index = indices[id] else { throw Self.notListed(id, line.server) }
        return list[index]
    }

    static func notListed(_ id: StoredMessage.ID, _ server: String) -> MailError {
        MailError(
            .notFound,
            "there is no message '\(PeerText.shown(id.description, limit: 100))' in the mailbox at \(server) (any more); list "
                + "the messages again in a new session"
        )
    }
}

extension POP3Session: MessageDeletion {
    /// Marks messages for deletion. They go with ``commit()``.
    public func delete(_ ids: [StoredMessage.ID]) async throws {
        try await used {
            var numbers: [Int] = []
            numbers.reserveCapacity(ids.count)
            for id in ids { numbers.append(try await entry(id).number) }
            marked.formUnion(numbers)
        }
    }
}
