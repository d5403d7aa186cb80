import Posthorn

extension StoreConformance.Rule {
    private init(_ name: String, _ summary: String, _ check: @escaping @Sendable (StoreVisit) async throws -> Void) {
        self.init(name: name, summary: summary, check: check)
    }

    /// A session answers the same each time it is asked for an interface.
    public static let steadyInterfaces = Self(
        "steady-interfaces",
        "A session gives an interface each time it is asked, or never."
    ) { visit in
        struct Unknown {}
        try await visit.store.withSession { session in
            let first = visit.abilities(of: session)
            _ = try await session.messages()
            let second = visit.abilities(of: session)
            visit.list.expect(first == second, "a session had the abilities \(first), and then \(second)")
            let unknown = StoreCapability<Unknown>("conformance-unknown")
            visit.list.expect(
                session.interface(unknown) == nil,
                "a session must answer nil for a capability that it cannot know"
            )
        }
    }

    /// Flags that were set are there, in later sessions too.
    public static let flags = Self("flags", "Flags that were set are there, in later sessions too.") { visit in
        let names = try await visit.deliver([visit.message(), visit.message()])
        for wanted in [[.seen, .flagged], [.answered], []] as [Set<MessageFlag>] {
            let hasFlags = try await visit.store.withSession { session in
                guard let flags = session.interface(.flags) else { return false }
                _ = try await session.messages()
                try await flags.setFlags(wanted, of: [names[0]])
                return true
            }
            guard hasFlags else { return }
            try await visit.store.withSession { session in
                _ = try await session.messages()
                guard let flags = session.interface(.flags) else { return }
                let found = try await flags.flags(of: names)
                let got = (found[names[0]] ?? []).intersection([.seen, .flagged, .answered, .draft])
                visit.list.expect(got == wanted, "the flags \(wanted) were set, and the message has \(got)")
                let others = (found[names[1]] ?? []).intersection([.flagged, .answered])
                visit.list.expect(others.isEmpty, "another message got the flags \(others)")
            }
        }
    }

    /// Flags that are added or taken away leave the others as they are.
    public static let flagChanges = Self(
        "flag-changes",
        "Adding and taking away flags leaves the others as they are; an unknown message is 'not-found'."
    ) { visit in
        let names = try await visit.deliver([visit.message(), visit.message()])
        try await visit.store.withSession { session in
            guard let flags = session.interface(.flags) else { return }
            _ = try await session.messages()
            try await flags.setFlags([.answered, .seen], of: names)
            try await flags.changeFlags(of: names, adding: [.flagged], removing: [.seen])
            let found = try await flags.flags(of: names)
            for name in names {
                let got = (found[name] ?? []).intersection([.seen, .flagged, .answered, .draft])
                visit.list.expect(
                    got == [.answered, .flagged],
                    "\\Flagged was added to \\Answered and \\Seen, and \\Seen taken away; the message has \(got)"
                )
            }
            let unknown = StoredMessage.ID("conformance-no-such-message")
            await visit.expect(.notFound, "changeFlags() of an unknown message") {
                try await flags.changeFlags(of: [unknown], adding: [.seen], removing: [])
            }
        }
    }

    /// Headers are the beginnings of the messages.
    public static let headers = Self(
        "headers",
        "A header is the beginning of the message up to its empty line; of unknown messages there is none."
    ) { visit in
        let contents = [visit.message(), visit.message(body: "one\r\n.two\r\nthree\r\n")]
        let names = try await visit.deliver(contents)
        try await visit.store.withSession { session in
            guard let reading = session.interface(.headers) else { return }
            _ = try await session.messages()
            for lines in [0, 2] {
                var found: [StoredMessage.ID: [UInt8]] = [:]
                let unknown = StoredMessage.ID("conformance-no-such-message")
                try await reading.readHeaders(of: names + [unknown], bodyLines: lines) { found[$0] = $1 }
                visit.list.expect(found.count == names.count, "\(found.count) headers came for \(names.count) messages")
                for (name, content) in zip(names, contents) {
                    let whole = content.octets(from: 0, count: Int(clamping: content.size))
                    let wanted = whole.beginning(bodyLines: lines)
                    visit.list.expect(
                        found[name] == wanted,
                        "the header with \(lines) lines of the body is not the message's beginning"
                    )
                }
            }
        }
    }

    /// The inbox is listed and can be chosen; an unknown folder is `not-found`.
    public static let folders = Self(
        "folders",
        "INBOX is listed and can be chosen; an unknown folder is 'not-found' and changes nothing."
    ) { visit in
        let name = try await visit.deliver([visit.message()])[0]
        try await visit.store.withSession { session in
            guard let access = session.interface(.folders) else { return }
            let folders = try await access.folders()
            visit.list.expect(folders.first?.name == "INBOX", "the folders \(folders) do not begin with INBOX")
            visit.list.expect(Set(folders.map(\.name)).count == folders.count, "a folder is listed twice: \(folders)")
            for folder in folders.prefix(20) where folder.isSelectable {
                try await access.select(folder.name)
                _ = try await session.messages()
            }
            try await access.select("INBOX")
            await visit.expect(.notFound, "select() of an unknown folder") {
                try await access.select("conformance-no-such-folder")
            }
            try await access.select("INBOX")
            let listed = try await session.messages().map(\.id)
            visit.list.expect(listed.contains(name), "the inbox was chosen, and its message is not listed")
        }
    }

    /// An appended message is listed under its name, with its octets and flags.
    public static let appending = Self(
        "appending",
        "An appended message is listed under its name, with its octets and flags."
    ) { visit in
        let content = visit.message(body: ".\r\nGrüße\r\n")
        let known = Set(try await visit.listing().map(\.id))
        let (isAppended, told) = try await visit.store.withSession { session -> (Bool, StoredMessage.ID?) in
            guard let appending = session.interface(.append) else { return (false, nil) }
            return (true, try await appending.append(MessageContent(content), flags: [.seen]))
        }
        guard isAppended else { return }
        let fresh = try await visit.listing().map(\.id).filter { !known.contains($0) }
        guard let name = told ?? fresh.first else {
            visit.list.add("the appended message is not listed")
            throw RuleAborted()
        }
        try await visit.store.withSession { session in
            let listed = try await session.messages().map(\.id)
            visit.list.expect(listed.contains(name), "the appended message '\(name)' is not listed")
            guard listed.contains(name) else { throw RuleAborted() }
            try await visit.expectSame(try await session.content(of: name), as: content, "an appended message")
            if let flags = session.interface(.flags) {
                let got = try await flags.flags(of: [name])[name] ?? []
                visit.list.expect(got.contains(.seen), "a message was appended as read, and has the flags \(got)")
            }
        }
        let broken = visit.message().failing(afterOctets: 100)
        let before = try await visit.listing().count
        try? await visit.store.withSession { session in
            guard let appending = session.interface(.append) else { return }
            await visit.expect(.contentUnavailable, "append() of an unreadable content") {
                try await appending.append(MessageContent(broken), flags: [])
            }
        }
        let after = try await visit.listing().count
        visit.list.expect(after == before, "an unreadable content left a message in the store")
    }

    /// Waiting for arrivals ends when something arrives, and when the task is cancelled.
    public static let arrivals = Self(
        "arrivals",
        "Waiting ends when something arrives, at once if it is there already, and when cancelled."
    ) { visit in
        guard try await visit.store.withSession({ $0.interface(.arrivals) != nil }) else { return }
        try await visit.deliver([visit.message()])
        for isCancelled in [false, true] {
            let isListed = Watched(false)
            let task = Task {
                try await visit.store.withSession { session in
                    _ = try await session.messages()
                    guard let watching = session.interface(.arrivals) else { return }
                    isListed.change { $0 = true }
                    try await watching.waitForArrivals()
                }
            }
            guard try await isListed.wait(until: { $0 }, timeout: visit.suite.promptness) else {
                visit.list.add("a session could not list its messages within \(visit.suite.promptness)")
                return task.cancel()
            }
            let early = await Patience.outcome(within: .milliseconds(50), of: Task { try await visit.ended(task) })
            visit.list.expect(early == nil, "waiting ended although nothing had arrived")
            let content = visit.message()
            if isCancelled {
                task.cancel()
            } else {
                try await visit.suite.deliver(content.octets(from: 0, count: Int(content.size)))
            }
            switch await Patience.outcome(within: visit.suite.promptness, of: task) {
            case nil:
                visit.list.add("waiting did not end when \(isCancelled ? "it was cancelled" : "a message arrived")")
            case .success: visit.list.expect(!isCancelled, "waiting returned normally although it was cancelled")
            case .failure(let error): visit.list.expect(isCancelled, "waiting ended with an error: \(error)")
            }
        }
    }

    /// The quota's use is within its limit.
    public static let quota = Self("quota", "The quota's use grows with the messages and is within its limit.") {
        visit in
        func used() async throws -> UInt64? {
            try await visit.store.withSession { session in
                guard let quota = try await session.interface(.quota)?.quota() else { return nil }
                visit.list.expect(quota.limit.map { quota.used <= $0 } ?? true, "more is used than allowed: \(quota)")
                return quota.used
            }
        }
        guard let before = try await used() else { return }
        var content = visit.message()
        content.growBody(to: 100_000)
        try await visit.deliver([content])
        let after = try await used() ?? 0
        // Servers count in blocks of 1024 octets.
        visit.list.expect(
            after >= before + 90_000,
            "a message of \(content.size) octets changed the use from \(before) to \(after)"
        )
    }
}

extension StoreVisit {
    /// The names of the optional abilities that the session has now.
    func abilities(of session: any StoreSession) -> [String] {
        var names: [String] = []
        func note<Interface>(_ capability: StoreCapability<Interface>) {
            if session.interface(capability) != nil { names.append(capability.name) }
        }
        note(.deletion)
        note(.flags)
        note(.headers)
        note(.folders)
        note(.append)
        note(.arrivals)
        note(.quota)
        return names
    }

    /// Returns when the task has ended, however it has.
    func ended(_ task: Task<Void, any Error>) async throws {
        _ = await task.result
    }
}

extension ProbeContent {
    /// The same message, unreadable after some octets.
    func failing(afterOctets count: UInt64) -> ProbeContent {
        var content = self
        content.fault = .reading(afterOctets: count)
        return content
    }
}

extension [UInt8] {
    /// The octets of a message up to its empty line, and some lines of its body.
    fileprivate func beginning(bodyLines: Int) -> [UInt8] {
        var (lines, position, isBody) = (0, 0, false)
        while position < count, !isBody || lines < bodyLines {
            let feed = self[position...].firstIndex(of: UInt8(ascii: "\n")) ?? count - 1
            if isBody {
                lines += 1
            } else {
                isBody = self[position...feed].elementsEqual("\r\n".utf8)
            }
            position = feed + 1
        }
        return Array(self[..<position])
    }
}
