import Posthorn
import Synchronization

/// One rule's work with one store: delivers messages, opens sessions, looks at what they say.
struct StoreVisit: Sendable {
    /// Stands in the body of every message, and must never stand in an error.
    static let canary = "PosthornContentCanary"

    private static let counter = Atomic<UInt64>(0)

    let suite: StoreConformance
    let store: any IncomingStore
    let list: FindingList

    /// Thrown inside sessions to abandon them.
    struct Abandonment: Error {}

    /// A small message of its own.
    func message(body: String = "The quick brown fox.\r\n") -> ProbeContent {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let head = """
            From: <sender@example.org>\r
            To: <first@example.org>\r
            Subject: Conformance \(number)\r
            Date: Mon, 02 Mar 2026 10:00:00 +0000\r
            Message-ID: <conformance-\(number)-\(UInt32.random(in: 0...UInt32.max))@posthorn.example>\r
            \r
            \(Self.canary)\r

            """
        return ProbeContent(head: Array((head + body).utf8))
    }

    /// Delivers messages and gives the names under which the store lists them, in the order of delivery.
    @discardableResult
    func deliver(_ contents: [ProbeContent]) async throws -> [StoredMessage.ID] {
        var known = Set(try await listing().map(\.id))
        var names: [StoredMessage.ID] = []
        for content in contents {
            try await suite.deliver(content.octets(from: 0, count: Int(clamping: content.size)))
            let name = try await arrival(beside: known)
            known.insert(name)
            names.append(name)
        }
        return names
    }

    private func arrival(beside known: Set<StoredMessage.ID>) async throws -> StoredMessage.ID {
        let deadline = ContinuousClock.now + suite.promptness
        while true {
            let fresh = try await listing().map(\.id).filter { !known.contains($0) }
            if fresh.count > 1 {
                list.add("one message was delivered, and \(fresh.count) names are new: names must stay the same")
                throw RuleAborted()
            }
            if let name = fresh.first { return name }
            guard ContinuousClock.now < deadline else {
                list.add("a delivered message is not listed by a new session within \(suite.promptness)")
                throw RuleAborted()
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What a session of its own lists.
    func listing() async throws -> [StoredMessage] {
        try await store.withSession { try await $0.messages() }
    }

    func expectListed(_ names: [StoredMessage.ID], _ when: String) async throws {
        let listed = Set(try await listing().map(\.id))
        for name in names where !listed.contains(name) { list.add("the message '\(name)' is gone \(when)") }
    }

    func expectGone(_ names: [StoredMessage.ID], _ when: String) async throws {
        let listed = Set(try await listing().map(\.id))
        for name in names where listed.contains(name) { list.add("the message '\(name)' is still listed \(when)") }
    }

    /// Reads a content piece by piece and compares it.
    func expectSame(_ content: MessageContent, as wanted: ProbeContent, _ what: String) async throws {
        var reader = try await content.makeReader()
        var position: UInt64 = 0
        var piece: [UInt8] = []
        var isDifferent = false
        var largest = 0
        while try await reader.read(into: &piece) {
            largest = max(largest, piece.count)
            guard !piece.isEmpty else {
                list.add("\(what): a reader that returns true must have given octets")
                throw RuleAborted()
            }
            if !isDifferent {
                isDifferent = wanted.octets(from: position, count: piece.count) != piece
                if isDifferent {
                    list.add("\(what): the octets differ from what was delivered, after \(position) octets")
                }
            }
            position += UInt64(piece.count)
            piece.removeAll(keepingCapacity: true)
        }
        list.expect(
            position == wanted.size || isDifferent,
            "\(what): \(wanted.size) octets were delivered and \(position) read"
        )
        list.expect(largest <= 4 << 20, "\(what): one read gave \(largest) octets; contents are read in small pieces")
        list.expect(piece.isEmpty, "\(what): a reader that returns false must not have given octets")
    }

    /// Expects an error of a code.
    func expect<Result>(_ code: MailError.Code, _ what: String, _ work: () async throws -> Result) async {
        do {
            _ = try await work()
            list.add("\(what) must throw a MailError with code '\(code)', and nothing was thrown")
        } catch let error as MailError {
            list.expect(error.code == code, "\(what) must throw code '\(code)', and threw '\(error.code)': \(error)")
            expectSilence(error)
        } catch {
            list.add("\(what) must throw a MailError with code '\(code)', and threw \(type(of: error))")
        }
    }

    /// Expects that an error holds neither content nor secrets.
    func expectSilence(_ error: any Error) {
        let text = TransportVisit.text(of: error)
        list.expect(!text.contains(Self.canary), "an error holds text of a message")
        list.expect(!suite.secrets.contains { text.contains($0) }, "an error holds a secret")
    }
}
