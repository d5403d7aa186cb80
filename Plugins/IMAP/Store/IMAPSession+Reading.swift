public import Posthorn
import PosthornNet

extension IMAPSession {
    /// As much may be on its way beside the message that is being read: what the caller does not want any more must be
    /// read all the same.
    private static let octetsInFlight: UInt64 = 4 << 20

    /// Reads messages one after the other, without marking them as read; many are asked for in one command.
    ///
    /// If `body` throws, what was asked for already is read and thrown away (at most 4 MiB and the rest of one message), and
    /// the session can be used further.
    public func readEach(
        _ ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        try await used {
            let list = try await list()
            let wanted = ids.map { id in
                Wanted(id: id, uid: indices[id].map { list[$0].uid }, size: indices[id].map { list[$0].size } ?? 0)
            }
            try await retrieve(wanted, .message, body)
        }
    }

    /// A message that is asked for.
    struct Wanted {
        var id: StoredMessage.ID
        /// `nil` if there is no such message.
        var uid: UInt32?
        /// How much is expected.
        var size: UInt64
    }

    /// Messages in ascending order, which one command asks for.
    private struct Run {
        var messages: ArraySlice<Wanted>
        /// The command's tag until it is answered.
        var tag: String?
    }

    /// Asks for a section of messages and gives each to `body`. The line is claimed.
    func retrieve(
        _ wanted: [Wanted],
        _ section: IMAPSection,
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        line.isReadingEach = true
        defer { line.isReadingEach = false }
        // Readers claim the line themselves.
        line.release()
        defer { try? line.claim() }
        for messages in Self.runs(wanted) {
            // One command at a time: servers answer several at once, and mix the messages (Dovecot does).
            let uids = messages.compactMap(\.uid)
            var run = Run(messages: messages, tag: nil)
            if !uids.isEmpty {
                run.tag = try await line.send(.fetch(IMAPSequenceSet(uids), [.uid, .section(section)]))
            }
            do {
                try await read(&run, section, body)
            } catch {
                try await drain(run.tag, after: error)
                throw error
            }
        }
    }

    /// Commands that ask for messages in ascending order, each for a bounded number of octets.
    private static func runs(_ wanted: [Wanted]) -> [ArraySlice<Wanted>] {
        var runs: [ArraySlice<Wanted>] = []
        var start = 0
        var octets: UInt64 = 0
        var last: UInt32 = 0
        for (index, message) in wanted.enumerated() {
            let isNext = message.uid.map { $0 > last } ?? true
            let isFull = octets >= octetsInFlight || index - start >= 1_000
            if index > start, !isNext || isFull {
                runs.append(wanted[start..<index])
                (start, octets) = (index, 0)
            }
            last = message.uid ?? last
            octets = octets.addingReportingOverflow(message.size).partialValue
        }
        if start < wanted.count { runs.append(wanted[start...]) }
        return runs
    }

    /// A message that came before its turn.
    private enum Early {
        case octets([UInt8])
        /// Too much to be kept; it is asked for once more.
        case passedOver
    }

    private func read(
        _ run: inout Run,
        _ section: IMAPSection,
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        var rest = run.messages
        let awaited = Set(rest.compactMap(\.uid))
        var early: [UInt32: Early] = [:]
        var kept: UInt64 = 0
        while let tag = run.tag {
            let uid: UInt32
            var reader: any ContentReader
            var octets: [UInt8]?
            switch try await line.nextBody(tag, section, isAlone: false) {
            case .end(let status):
                run.tag = nil
                guard status.kind == .ok || Self.tellsExpunge(status) else { throw line.refusal(status, "FETCH") }
                continue
            case .whole(let found, let whole):
                uid = found
                octets = whole
                reader = IMAPOctetsReader(octets: whole)
            case .stream(let found, let number):
                uid = found
                reader = IMAPStreamReader(line: line, number: number)
            }
            while let next = rest.first, next.uid == nil {
                try await missing([next], body)
                rest.removeFirst()
            }
            if let next = rest.first, next.uid == uid {
                rest.removeFirst()
                try await body(next.id, &reader)
            } else if awaited.contains(uid), early[uid] == nil, rest.contains(where: { $0.uid == uid }) {
                // Those before it are gone, or the server has an order of its own: only the end of the command tells.
                if let octets, kept + UInt64(octets.count) <= Self.octetsInFlight {
                    kept += UInt64(octets.count)
                    early[uid] = .octets(octets)
                } else {
                    early[uid] = .passedOver
                }
            }
            // Something else may be told too, such as a message that was not asked for.
            try await line.finishStream()
        }
        for message in rest {
            switch message.uid.flatMap({ early[$0] }) {
            case nil: try await missing([message], body)
            case .octets(let octets)?:
                var reader: any ContentReader = IMAPOctetsReader(octets: octets)
                try await body(message.id, &reader)
            case .passedOver?: try await readAgain(message, &run, section, body)
            }
        }
    }

    /// Reads a message that was passed over.
    private func readAgain(
        _ message: Wanted,
        _ run: inout Run,
        _ section: IMAPSection,
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        guard let uid = message.uid else { return }
        let tag = try await line.send(.fetch(IMAPSequenceSet(uid...uid), [.uid, .section(section)]))
        run.tag = tag
        var isRead = false
        while run.tag != nil {
            var reader: any ContentReader
            switch try await line.nextBody(tag, section, isAlone: false) {
            case .end(let status):
                run.tag = nil
                guard status.kind == .ok || Self.tellsExpunge(status) else { throw line.refusal(status, "FETCH") }
                continue
            case .whole(let found, let octets):
                guard found == uid, !isRead else { continue }
                reader = IMAPOctetsReader(octets: octets)
            case .stream(let found, let number):
                guard found == uid, !isRead else {
                    try await line.finishStream()
                    continue
                }
                reader = IMAPStreamReader(line: line, number: number)
            }
            isRead = true
            try await body(message.id, &reader)
            try await line.finishStream()
        }
        if !isRead { try await missing([message], body) }
    }

    /// NO because some of the messages are gone (RFC 5530): the others have come all the same.
    static func tellsExpunge(_ status: IMAPStatus) -> Bool {
        status.kind == .no && status.code?.name == "EXPUNGEISSUED"
    }

    /// Messages that did not come.
    private func missing(
        _ messages: ArraySlice<Wanted>,
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        for message in messages {
            var reader: any ContentReader = FailedReader(error: Self.notThere(message.id, line.server))
            try await body(message.id, &reader)
        }
    }

    /// Reads what was asked for and is not wanted any more.
    private func drain(_ tag: String?, after error: any Error) async throws {
        guard !Task.isCancelled, !line.connection.isPeerClosed else { return line.connection.abort() }
        do {
            try await line.finishStream()
            if let tag { _ = try await line.finish(tag, "FETCH") }
        } catch {
            // The connection is broken; whoever goes on with the session will hear it.
            line.connection.abort()
        }
    }
}

/// Reads octets that are there.
struct IMAPOctetsReader: ContentReader {
    let octets: [UInt8]
    private var position = 0

    init(octets: [UInt8]) { self.octets = octets }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        guard position < octets.count else { return false }
        let end = min(octets.count, position + ContentChunk.preferredSize)
        buffer.append(contentsOf: octets[position..<end])
        position = end
        return true
    }
}

/// The content of a message: each reader fetches it anew, while the session lasts.
struct IMAPContent: ContentSource {
    let line: IMAPLine
    /// The folder's turn on this connection: later ones have other messages under the same UIDs.
    let epoch: Int
    let uid: UInt32
    let id: StoredMessage.ID
    let account: String

    func facts(for form: ContentForm) async throws -> ContentFacts {
        try await ContentScanner.facts(of: self, for: form)
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        do {
            try line.claim()
            defer { line.release() }
            guard line.epoch == epoch else {
                throw MailError(
                    .misuse,
                    "the session with \(line.server) has ended or gone on to another folder; read a message while its folder is "
                        + "chosen"
                )
            }
            guard !line.isReadingEach else {
                throw MailError(
                    .misuse,
                    "the session with \(line.server) cannot be used inside of readEach; read other messages behind it"
                )
            }
            try await line.finishStream()
            return try await begin()
        } catch var error as MailError {
            error.account = error.account ?? account
            throw error
        }
    }

    private func begin() async throws -> any ContentReader {
        let tag = try await line.send(.fetch(IMAPSequenceSet(uid...uid), [.uid, .section(.message)]))
        while true {
            switch try await line.nextBody(tag, .message, isAlone: true) {
            case .end(let status):
                guard status.kind == .ok || IMAPSession.tellsExpunge(status) else {
                    throw line.refusal(status, "FETCH")
                }
                throw IMAPSession.notThere(id, line.server)
            case .whole(let found, let octets):
                guard found == uid else { continue }
                let status = try await line.finish(tag, "FETCH")
                guard status.kind == .ok else { throw line.refusal(status, "FETCH") }
                return IMAPOctetsReader(octets: octets)
            case .stream(let found, let number):
                guard found == uid else {
                    throw line.violation("a message that was not asked for")
                }
                return IMAPStreamReader(line: line, number: number)
            }
        }
    }
}

extension IMAPSession: HeaderReading {
    /// Reads headers, many in one command. With lines of the body, the beginnings of the messages are read one by one.
    public func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws {
        try await used {
            let list = try await list()
            let wanted = ids.compactMap { id in
                indices[id].map { Wanted(id: id, uid: list[$0].uid, size: min(list[$0].size, 8_192)) }
            }
            let section = bodyLines > 0 ? IMAPSection.message : .header
            try await retrieve(wanted, section) { id, reader in
                let beginning: [UInt8]
                do {
                    beginning = try await MessageBeginning.read(&reader, of: id, bodyLines: bodyLines)
                } catch let error as MailError where error.code == .notFound {
                    return
                }
                try await body(id, beginning)
            }
        }
    }
}
