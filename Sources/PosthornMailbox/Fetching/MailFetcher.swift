public import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Fetches what is new since last time from a store into a place on this computer.
///
/// ```swift
/// let fetcher = MailFetcher(
///     store: store,
///     account: FetchAccount("pop3:info@mail.example.org"),
///     destination: maildir,
///     stateDirectory: "/var/lib/posthorn",
///     policy: FetchPolicy(keepOnServer: .days(14))
/// )
/// let report = try await fetcher.run()
/// ```
/// No message is lost and none comes twice, whatever breaks and whenever: docs/fetching.md says how.
public struct MailFetcher: Sendable {
    private let store: any IncomingStore
    private let account: FetchAccount
    private let folder: String?
    private let destination: any FetchDestination
    private let stateDirectory: String
    private let policy: FetchPolicy
    var limits = FetchBatchLimits()
    var calls = JournalFile.Calls()
    /// The time of day, in seconds since 1970.
    var clock: @Sendable () -> Int64 = { Int64(time(nil)) }

    /// Creates a fetcher.
    ///
    /// - Parameters:
    ///   - account: Names server and user, in at most 2048 octets (with the folder). It must stay the same from round to
    ///     round, and differ from that of others.
    ///   - folder: The folder of the store, `nil` for the one that a session begins with. Its name is added to the
    ///     account's, so that each folder has records of its own.
    ///   - stateDirectory: Where the records are kept; made if it does not exist. It may hold those of many accounts.
    public init(
        store: some IncomingStore,
        account: FetchAccount,
        folder: String? = nil,
        destination: some FetchDestination,
        stateDirectory: String,
        policy: FetchPolicy
    ) {
        self.store = store
        self.account = folder.map { FetchAccount("\(account)/\($0)") } ?? account
        self.folder = folder
        self.destination = destination
        self.stateDirectory = stateDirectory
        self.policy = policy
    }

    /// Fetches once.
    ///
    /// What was put into the place before an error stays there and is recorded; nothing is deleted from the server in
    /// that round. The next one goes on from there.
    ///
    /// - Throws: ``MailError``: what the store throws; `storage` from the place or the records; `unavailable` if another
    ///   fetch of the account is under way; `unsupported` if a folder is wanted and the store has none; `not-found` if
    ///   the folder does not exist; `cancelled`.
    @concurrent  // Else the file work would stay on the caller's actor, whatever executor it prefers.
    public func run(progress: FetchProgress? = nil) async throws -> FetchReport {
        do {
            return try await fetch(progress)
        } catch is CancellationError {
            throw MailError(
                .cancelled,
                "fetching was cancelled; what is in the place stays there, and nothing was deleted from the server"
            )
        }
    }

    private func fetch(_ progress: FetchProgress?) async throws -> FetchReport {
        let files = FileExecutor()
        let lock = try FetchState.lock(directory: stateDirectory, account: account)
        defer { lock.release() }
        let delivery = try await destination.openDelivery(for: account)
        let identity = try await delivery.mark().identity
        let state = try await files.run {
            let state = try FetchState.open(
                directory: stateDirectory,
                account: account,
                identity: identity,
                calls: calls
            )
            try await state.reconcile(with: delivery)
            return state
        }
        let round = try FetchRound(
            state: state,
            delivery: delivery,
            identity: identity,
            account: account,
            policy: policy,
            files: files,
            limits: limits,
            now: clock(),
            progress: progress
        )
        let deleted = try await store.withSession { session in
            if let folder { try await select(folder, in: session) }
            try await round.read(try round.compare(try await session.messages()), in: session)
            // Records of what is missing go to the disk together with the end of the round.
            try await files.run {
                round.prune()
                try await round.finish()
            }
            return try await round.delete(in: session)
        }
        try await files.run { try round.forget(deleted) }
        return round.report
    }

    private func select(_ folder: String, in session: any StoreSession) async throws {
        guard let folders = session.interface(.folders) else {
            throw MailError(
                .unsupported,
                "the folder '\(PeerText.shown(folder))' cannot be fetched: the store has no folders; leave the folder out"
            )
        }
        try await folders.select(folder)
    }
}
