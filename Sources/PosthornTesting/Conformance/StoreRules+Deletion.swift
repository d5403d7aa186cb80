import Posthorn

extension StoreConformance.Rule {
    private init(_ name: String, _ summary: String, _ check: @escaping @Sendable (StoreVisit) async throws -> Void) {
        self.init(name: name, summary: summary, check: check)
    }

    /// Committed deletions are final.
    public static let committedDeletion = Self("committed-deletion", "Committed deletions are final.") { visit in
        let names = try await visit.deliver((0..<3).map { _ in visit.message() })
        guard try await visit.delete([names[0], names[2]], ending: { _ in }) else { return }
        try await visit.expectGone([names[0], names[2]], "after its deletion was committed")
        try await visit.expectListed([names[1]], "although others were deleted")
    }

    /// Abandoned deletions do not happen.
    public static let abandonedDeletion = Self("abandoned-deletion", "Abandoned deletions do not happen.") { visit in
        let name = try await visit.deliver([visit.message()])[0]
        let session: any StoreSession = try await visit.store.openSession()
        _ = try await session.messages()
        if let deletion = session.interface(.deletion) { try await deletion.delete([name]) }
        await session.abandon()
        try await visit.expectListed([name], "although the session was abandoned")
        await visit.expect(.misuse, "commit() of an abandoned session") { try await session.commit() }
        try await visit.expectListed([name], "although the session was abandoned before the commit")
    }

    /// An error in the scope abandons the session and comes out as it is.
    public static let thrownErrorAbandons = Self(
        "thrown-error-abandons",
        "An error in withSession's scope abandons the session and comes out as it is."
    ) { visit in
        let name = try await visit.deliver([visit.message()])[0]
        do {
            _ = try await visit.delete([name]) { _ in throw StoreVisit.Abandonment() }
            visit.list.expect(
                try await !visit.canDelete(),
                "an error that was thrown in the scope of withSession did not come out"
            )
        } catch is StoreVisit.Abandonment {
        } catch {
            visit.list.add("the scope's own error came out of withSession as another one: \(error)")
        }
        try await visit.expectListed([name], "although an error was thrown in the scope of withSession")
    }

    /// A cancellation in the scope abandons the session.
    public static let cancellationAbandons = Self(
        "cancellation-abandons",
        "A cancelled task's session is abandoned; nothing is deleted."
    ) { visit in
        let name = try await visit.deliver([visit.message()])[0]
        // Before the task has its session: many servers allow one at a time.
        guard try await visit.canDelete() else { return }
        let isMarked = Watched(false)
        let task = Task {
            try await visit.delete([name]) { _ in
                isMarked.change { $0 = true }
                // Ends with the cancellation.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            }
        }
        guard try await isMarked.wait(until: { $0 }, timeout: visit.suite.promptness) else {
            visit.list.add("a message could not be marked for deletion within \(visit.suite.promptness)")
            return task.cancel()
        }
        task.cancel()
        switch await Patience.outcome(within: visit.suite.promptness, of: task) {
        case nil: visit.list.add("a cancelled session must end promptly")
        case .success: visit.list.add("withSession returned normally although its task was cancelled")
        case .failure(let error): visit.expectSilence(error)
        }
        try await visit.waitForAccess()
        try await visit.expectListed([name], "although the task was cancelled")
    }

    /// When one of the names is unknown, nothing is marked.
    public static let deletionOfUnknown = Self(
        "deletion-of-unknown",
        "When one of the names is unknown, none is marked for deletion."
    ) { visit in
        let name = try await visit.deliver([visit.message()])[0]
        let unknown = StoredMessage.ID("conformance-no-such-message")
        try await visit.store.withSession { session in
            guard let deletion = session.interface(.deletion) else { return }
            _ = try await session.messages()
            await visit.expect(.notFound, "delete() with an unknown name") {
                try await deletion.delete([name, unknown])
            }
        }
        try await visit.expectListed([name], "although delete() threw")
    }
}

extension StoreVisit {
    /// Waits until a session can be opened: a server may notice a little later that one was cut off.
    func waitForAccess() async throws {
        let deadline = ContinuousClock.now + suite.promptness
        while ContinuousClock.now < deadline {
            do {
                return try await store.withSession { _ in }
            } catch let error as MailError where error.code == .unavailable {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    func canDelete() async throws -> Bool {
        try await store.withSession { $0.interface(.deletion) != nil }
    }

    /// Marks messages for deletion in a session of its own and lets `ending` decide how it ends.
    ///
    /// - Returns: `false` if the store cannot delete.
    func delete(
        _ names: [StoredMessage.ID],
        ending: (any StoreSession) async throws -> Void
    ) async throws -> Bool {
        try await store.withSession { session in
            guard let deletion = session.interface(.deletion) else { return false }
            _ = try await session.messages()
            try await deletion.delete(names)
            try await ending(session)
            return true
        }
    }
}
