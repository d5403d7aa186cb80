import Posthorn

extension StoreConformance.Rule {
    /// All rules, in the order in which they are checked.
    public static let all: [StoreConformance.Rule] = [
        listingOrder, stableNames, truthfulSizes, contentUnchanged, contentRepeatable, contentsInTurn, largeContent,
        unknownName,
        vanishedMessage, untouchedByReading, committedDeletion, abandonedDeletion, thrownErrorAbandons,
        cancellationAbandons, deletionOfUnknown, endedSession, sessionsInTurn, steadyInterfaces, flags, flagChanges,
        headers, folders,
        appending, arrivals, quota,
    ]

    private init(_ name: String, _ summary: String, _ check: @escaping @Sendable (StoreVisit) async throws -> Void) {
        self.init(name: name, summary: summary, check: check)
    }

    /// Messages are listed oldest first.
    public static let listingOrder = Self("listing-order", "Messages are listed oldest first.") { visit in
        let names = try await visit.deliver((0..<3).map { _ in visit.message() })
        let listed = try await visit.listing().map(\.id)
        visit.list.expect(Set(listed).count == listed.count, "two messages of the list have the same name")
        visit.list.expect(
            listed.filter { names.contains($0) } == names,
            "messages must be listed in the order in which they arrived"
        )
    }

    /// A message keeps its name over sessions.
    public static let stableNames = Self("stable-names", "A message keeps its name over sessions.") { visit in
        let content = visit.message()
        let name = try await visit.deliver([content])[0]
        try await visit.deliver([visit.message()])
        try await visit.store.withSession { session in
            let listed = try await session.messages().map(\.id)
            visit.list.expect(listed.contains(name), "the name '\(name)' of an earlier session is not listed any more")
            guard listed.contains(name) else { throw RuleAborted() }
            try await visit.expectSame(try await session.content(of: name), as: content, "a name of an earlier session")
        }
    }

    /// A size that is told is true.
    public static let truthfulSizes = Self("truthful-sizes", "A size in the list is the number of octets.") { visit in
        let content = visit.message()
        let name = try await visit.deliver([content])[0]
        let entry = try await visit.listing().first { $0.id == name }
        let size = entry?.size ?? content.size
        visit.list.expect(size == content.size, "a message of \(content.size) octets is listed with \(size)")
    }

    /// The octets are those that were delivered.
    public static let contentUnchanged = Self(
        "content-unchanged",
        "The octets are those that were delivered: dots, 8-bit, long lines, empty lines."
    ) { visit in
        let long = String(repeating: "x", count: 998)
        let bodies = [
            "", ".\r\n..\r\n.\r\n", "Grüße, 你好\r\n", long + "\r\n", "\r\n\r\n\r\n", "+OK\r\n)\r\n* 1 EXISTS\r\n{3}\r\n",
        ]
        let contents = bodies.map { visit.message(body: $0) }
        let names = try await visit.deliver(contents)
        try await visit.store.withSession { session in
            _ = try await session.messages()
            for (name, content) in zip(names, contents).reversed() {
                try await visit.expectSame(try await session.content(of: name), as: content, "a small message")
            }
        }
    }

    /// A content can be read again.
    public static let contentRepeatable = Self("content-repeatable", "A content can be read again and again.") {
        visit in
        let content = visit.message()
        let name = try await visit.deliver([content])[0]
        try await visit.store.withSession { session in
            _ = try await session.messages()
            for round in 1...2 {
                let stored = try await session.content(of: name)
                guard stored.isReplayable else { continue }
                try await visit.expectSame(stored, as: content, "the first reading, round \(round)")
                try await visit.expectSame(stored, as: content, "the second reading, round \(round)")
            }
        }
    }

    /// Many messages are read in one go.
    public static let contentsInTurn = Self(
        "contents-in-turn",
        "readEach() gives every message once and in the order given, read or not, and says which has vanished."
    ) { visit in
        let contents = (0..<6).map { visit.message(body: String(repeating: "line \($0)\r\n", count: 400 * $0)) }
        let names = try await visit.deliver(contents)
        let unknown = StoredMessage.ID("conformance-no-such-message")
        let asked = [names[5], names[0], unknown] + names[1..<5]
        try await visit.store.withSession { session in
            _ = try await session.messages()
            var given: [StoredMessage.ID] = []
            try await session.readEach(asked) { name, reader in
                given.append(name)
                guard let index = names.firstIndex(of: name) else {
                    var nothing: [UInt8] = []
                    await visit.expect(.notFound, "reading a message that does not exist within readEach()") {
                        try await reader.read(into: &nothing)
                    }
                    return
                }
                // One is not read at all, and one not to its end.
                if index == 2 { return }
                var octets: [UInt8] = []
                if index == 5 {
                    _ = try await reader.readSome(into: &octets)
                    return
                }
                while try await reader.readSome(into: &octets) {}
                let wanted = contents[index].octets(from: 0, count: Int(clamping: contents[index].size))
                visit.list.expect(
                    octets == wanted,
                    "message \(index) of readEach() has other octets than were delivered"
                )
            }
            visit.list.expect(
                given == asked,
                "readEach() gave other messages, or in another order, than were asked for"
            )
            struct Stop: Error {}
            do {
                try await session.readEach(names) { _, _ in throw Stop() }
                visit.list.add("readEach() did not throw what its body threw")
            } catch is Stop {}
        }
    }

    /// A large message is read in pieces.
    public static let largeContent = Self("large-content", "A large message is read in small pieces.") { visit in
        var content = visit.message()
        content.growBody(to: visit.suite.largeContentSize)
        let name = try await visit.deliver([content])[0]
        try await visit.store.withSession { session in
            _ = try await session.messages()
            try await visit.expectSame(
                try await session.content(of: name),
                as: content,
                "a message of \(content.size) octets"
            )
            if let deletion = session.interface(.deletion) { try await deletion.delete([name]) }
        }
    }

    /// A name that does not exist is `not-found`.
    public static let unknownName = Self("unknown-name", "A name that does not exist is 'not-found'.") { visit in
        let unknown = StoredMessage.ID("conformance-no-such-message")
        try await visit.store.withSession { session in
            _ = try await session.messages()
            await visit.expect(.notFound, "content(of:) with an unknown name") {
                try await session.content(of: unknown)
            }
            if let flags = session.interface(.flags) {
                let found = try await flags.flags(of: [unknown])
                visit.list.expect(found.isEmpty, "flags(of:) told flags of a message that does not exist")
                await visit.expect(.notFound, "setFlags() with an unknown name") {
                    try await flags.setFlags([.seen], of: [unknown])
                }
            }
        }
    }

    /// A message that has vanished since it was listed is `not-found`.
    public static let vanishedMessage = Self("vanished-message", "A message that has vanished is 'not-found'.") {
        visit in
        let name = try await visit.deliver([visit.message()])[0]
        let canDelete = try await visit.store.withSession { session in
            guard let deletion = session.interface(.deletion) else { return false }
            _ = try await session.messages()
            try await deletion.delete([name])
            return true
        }
        guard canDelete else { return }
        try await visit.store.withSession { session in
            _ = try await session.messages()
            await visit.expect(.notFound, "content(of:) of a deleted message") { try await session.content(of: name) }
        }
    }

    /// Reading and committing delete nothing.
    public static let untouchedByReading = Self("untouched-by-reading", "A commit alone deletes nothing.") { visit in
        let content = visit.message()
        let name = try await visit.deliver([content])[0]
        for _ in 0..<2 {
            try await visit.store.withSession { session in
                _ = try await session.messages()
                try await visit.expectSame(try await session.content(of: name), as: content, "a message that stays")
            }
        }
        try await visit.expectListed([name], "after it was read in a session that was committed")
    }

    /// An ended session throws `misuse`.
    public static let endedSession = Self("ended-session", "Every call to an ended session throws 'misuse'.") { visit in
        let name = try await visit.deliver([visit.message()])[0]
        for isCommitted in [true, false] {
            let session: any StoreSession = try await visit.store.openSession()
            _ = try await session.messages()
            let deletion = session.interface(.deletion)
            let end = isCommitted ? "commit()" : "abandon()"
            if isCommitted { try await session.commit() } else { await session.abandon() }
            await visit.expect(.misuse, "messages() after \(end)") { try await session.messages() }
            await visit.expect(.misuse, "content(of:) after \(end)") { try await session.content(of: name) }
            await visit.expect(.misuse, "commit() after \(end)") { try await session.commit() }
            if let deletion {
                await visit.expect(.misuse, "delete() after \(end)") { try await deletion.delete([name]) }
            }
            await session.abandon()
        }
        try await visit.expectListed([name], "after calls to sessions that had ended")
    }

    /// Sessions one after the other see what has arrived between them.
    public static let sessionsInTurn = Self(
        "sessions-in-turn",
        "A session sees what has arrived before it was opened."
    ) { visit in
        var names: [StoredMessage.ID] = []
        for _ in 0..<3 {
            let before = Set(try await visit.listing().map(\.id))
            names += try await visit.deliver([visit.message()])
            let after = Set(try await visit.listing().map(\.id))
            visit.list.expect(
                before.isSubset(of: after),
                "messages went away between two sessions that deleted nothing"
            )
        }
        try await visit.expectListed(names, "in a later session")
    }
}
