import Posthorn

/// When staged messages are committed.
struct FetchBatchLimits: Sendable {
    var messages = 256
    var octets: UInt64 = 8 << 20
    var age = Duration.seconds(2)
}

/// One round of fetching: reads what is new into the place, and settles what is to be deleted. One task works with it.
final class FetchRound {
    /// A message that is to be read.
    struct Wanted {
        var message: StoredMessage
        /// Under what it is recorded; `nil` if only its content names it.
        var name: RecordName?
        /// Whether several messages of the list have this name.
        var isDoubled = false
    }

    private struct Staged {
        var id: StoredMessage.ID
        var name: RecordName
        var record: FetchState.Record
        var octets: UInt64
        var isDoubled: Bool
    }

    let policy: FetchPolicy
    let state: FetchState
    let hasher: FetchHasher
    let now: Int64
    private(set) var report = FetchReport()
    private let delivery: any FetchDelivery
    private let identity: String
    private let files: FileExecutor
    private let limits: FetchBatchLimits
    private let progress: FetchProgress?
    private var update = FetchProgress.Update(kind: .listed)

    /// Messages that are in the place and listed, with what they are recorded under: what may be deleted.
    var known: [(id: StoredMessage.ID, name: RecordName)] = []
    /// Names of the list.
    var listed: [IDText: Int] = [:]
    /// How often each content came among the messages without lasting names.
    var contents: [ContentDigest: Int] = [:]
    /// Records of messages that are not listed under their names: a message with another name may be one of them.
    var orphans: [ContentDigest: [RecordName]] = [:]
    /// Whether all messages without lasting names were read.
    var hasReadAllContents = true

    private var staged: [Staged] = []
    private var stagedOctets: UInt64 = 0
    private var stagedSince: ContinuousClock.Instant?
    /// New messages so far, and their octets.
    private var taken = 0
    private var takenOctets: UInt64 = 0
    private var isFull = false
    private var isBegun = false
    /// Whether the place failed while messages were put into it: only it knows which it has, and the next round asks.
    private var isInDoubt = false
    private var buffer: [UInt8] = []

    init(
        state: FetchState,
        delivery: any FetchDelivery,
        identity: String,
        account: FetchAccount,
        policy: FetchPolicy,
        files: FileExecutor,
        limits: FetchBatchLimits,
        now: Int64,
        progress: FetchProgress?
    ) throws {
        self.state = state
        self.delivery = delivery
        self.identity = identity
        self.policy = policy
        self.files = files
        self.limits = limits
        self.now = now
        self.progress = progress
        hasher = try FetchHasher(account: account)
    }

    func noteKnown() { report.alreadyKnown += 1 }

    func skip(_ message: StoredMessage, _ reason: FetchReport.Skipped.Reason, size: UInt64?, _ error: MailError? = nil)
    {
        report.skipped.append(FetchReport.Skipped(id: message.id, size: size, reason: reason, error: error))
    }

    func noteWaiting(_ count: Int) { report.waiting += count }

    /// Reads the messages into the place. Whatever ends it, what was staged as a whole is put into the place and
    /// recorded, unless it is the place that fails.
    func read(_ wanted: [Wanted], in session: any StoreSession) async throws {
        update.totalMessages = wanted.count
        update.totalOctets = wanted.reduce(0) { total, entry in
            guard let total, let size = entry.message.size else { return nil }
            return total &+ size
        }
        tell(.listed)
        do {
            // A limit cannot be reached in the middle of a call without having asked for the rest; so the calls are small.
            var start = 0
            while start < wanted.count {
                let end = min(start + step(of: wanted.count), wanted.count)
                try await read(wanted[start..<end], in: session)
                start = end
            }
        } catch {
            await delivery.discard()
            // The first error says what happened; if this fails as well, the next round finds out what is where.
            try? await finish()
            throw error
        }
    }

    /// How many messages are asked for in one call.
    private func step(of count: Int) -> Int {
        guard policy.maximumMessages != nil || policy.maximumOctets != nil else { return max(1, count) }
        // Messages that cannot be read do not count: as many more are asked for in the next call.
        return min(64, max(1, (policy.maximumMessages ?? .max) - taken))
    }

    private func read(_ wanted: ArraySlice<Wanted>, in session: any StoreSession) async throws {
        guard let first = wanted.first, !isFull(for: first.message) else { return pass(wanted) }
        var index = wanted.startIndex
        try await session.readEach(wanted.map(\.message.id)) { id, reader in
            guard index < wanted.endIndex, wanted[index].message.id == id else {
                throw MailError(.misuse, "the store gave messages in another order than they were asked for")
            }
            let entry = wanted[index]
            index += 1
            guard !isFull(for: entry.message) else { return pass([entry]) }
            try await take(entry, &reader)
        }
        guard index == wanted.endIndex else {
            throw MailError(.misuse, "the store gave \(wanted.endIndex - index) messages less than it was asked for")
        }
    }

    private func pass(_ wanted: ArraySlice<Wanted>) {
        report.waiting += wanted.count
        if wanted.contains(where: { $0.name == nil }) { hasReadAllContents = false }
    }

    /// Whether a limit of the policy leaves no room for the message. Then there is none for those behind it either, even
    /// for smaller ones: the order is kept.
    private func isFull(for message: StoredMessage) -> Bool {
        if let most = policy.maximumMessages, taken >= most { isFull = true }
        if taken > 0, let most = policy.maximumOctets {
            let (sum, isTooMuch) = takenOctets.addingReportingOverflow(message.size ?? 1)
            if isTooMuch || sum > most { isFull = true }
        }
        return isFull
    }

    private func take(_ entry: Wanted, _ reader: inout any ContentReader) async throws {
        try Task.checkCancellation()
        if isDue(before: entry.message) { try await commit() }
        tell(.began, entry.message)
        try await delivery.begin()
        switch try await copy(entry.message, from: &reader) {
        case .success(let octets): try await settle(entry, try hasher.finish(), octets)
        case .failure(let reason):
            await delivery.discard()
            try hasher.reset()
            skip(entry.message, reason.reason, size: reason.size ?? entry.message.size, reason.error)
            // It may be there all the same: servers refuse without saying why.
            if entry.name == nil { hasReadAllContents = false }
        }
        update.messages += 1
        tell(.ended, entry.message)
        if staged.count >= limits.messages || stagedOctets >= limits.octets { try await commit() }
    }

    private struct Left: Error {
        var reason: FetchReport.Skipped.Reason
        var size: UInt64?
        var error: MailError?
    }

    private func copy(
        _ message: StoredMessage,
        from reader: inout any ContentReader
    ) async throws -> Swift.Result<UInt64, Left> {
        var size: UInt64 = 0
        while true {
            buffer.removeAll(keepingCapacity: true)
            do {
                guard try await reader.readSome(into: &buffer) else { return .success(size) }
            } catch let error as MailError where error.code == .notFound {
                return .failure(Left(reason: .vanished, error: error))
            } catch let error as MailError where error.code == .refused || error.code == .contentUnavailable {
                return .failure(Left(reason: .refused, error: error))
            }
            size &+= UInt64(buffer.count)
            update.octets &+= UInt64(buffer.count)
            if let most = policy.maximumMessageSize, size > most {
                return .failure(Left(reason: .tooLarge, size: size))
            }
            try hasher.update(buffer)
            try await delivery.write(buffer)
            if progress != nil { tell(.octets, message) }
            try Task.checkCancellation()
        }
    }

    /// Decides, now that the content is known, whether the message is new.
    private func settle(_ entry: Wanted, _ digest: ContentDigest, _ octets: UInt64) async throws {
        let name = entry.name ?? nameByContent(digest, entry)
        let key = try hasher.key(name, digest)
        if entry.isDoubled && staged.contains(where: { $0.name == name }) || isKnown(name, digest, key) {
            await delivery.discard()
            report.alreadyKnown += 1
            if !entry.isDoubled { known.append((entry.message.id, name)) }
            return
        }
        try await delivery.stage(as: FetchKey(key))
        let record = FetchState.Record(key: key, digest: digest, fetched: now, generation: state.generation | 1)
        staged.append(
            Staged(id: entry.message.id, name: name, record: record, octets: octets, isDoubled: entry.isDoubled)
        )
        stagedOctets &+= octets
        if stagedSince == nil { stagedSince = .now }
        taken += 1
        takenOctets &+= octets
    }

    private func nameByContent(_ digest: ContentDigest, _ entry: Wanted) -> RecordName {
        // Of several messages with the same name the store may give one again and again: equal ones are the same.
        let count = entry.isDoubled ? 1 : (contents[digest] ?? 0) + 1
        contents[digest] = max(count, contents[digest] ?? 0)
        return .content(digest, count)
    }

    private func isKnown(_ name: RecordName, _ digest: ContentDigest, _ key: KeyWords) -> Bool {
        if let record = state.records[name], record.matches(digest) {
            if record.presence != .listed { state.mark(name, .listed) }
            return true
        }
        if state.held.contains(key) {
            state.adopt(name, .init(key: key, digest: digest, fetched: now, generation: state.generation))
            return true
        }
        guard let old = orphans[digest]?.popLast(), var record = state.records[old] else { return false }
        record.presence = .listed
        state.adopt(name, record)
        state.drop(old)
        return true
    }

    /// Whether what is staged is to be committed before the next message: it would have to wait for a large one.
    private func isDue(before message: StoredMessage) -> Bool {
        guard let stagedSince else { return false }
        return message.size ?? 0 >= limits.octets || stagedSince.duration(to: .now) >= limits.age
    }

    /// Puts what is staged into the place. For the order see ``FetchState/reconcile(with:)``.
    private func commit() async throws {
        guard !staged.isEmpty, !isInDoubt else { return }
        let batch = staged
        staged.removeAll(keepingCapacity: true)
        stagedOctets = 0
        stagedSince = nil
        isInDoubt = true
        try await files.run {
            if !isBegun { state.begin(state.generation | 1) }
            for message in batch { try state.intend(message.name, message.record) }
            try state.write()
            if !isBegun {
                try await delivery.setMark(FetchMark(identity: identity, generation: state.generation))
                isBegun = true
            }
            try await delivery.commit()
            // Goes to the disk with the next batch, or at the end: until then the place knows.
            state.confirm()
        }
        isInDoubt = false
        for message in batch {
            report.fetched.append(.init(id: message.id, key: FetchKey(message.record.key), octets: message.octets))
            report.octets &+= message.octets
            if !message.isDoubled { known.append((message.id, message.name)) }
        }
        update.committed += batch.count
        tell(.committed)
    }

    /// Commits what is left, and ends the round: afterwards records and place agree.
    func finish() async throws {
        try await commit()
        guard !isInDoubt else { return }
        try await files.run {
            if isBegun {
                let next = state.generation &+ 1
                try await delivery.setMark(FetchMark(identity: identity, generation: next))
                state.end(next)
                isBegun = false
            }
            try state.write()
        }
    }

    private func tell(_ kind: FetchProgress.Update.Kind, _ message: StoredMessage? = nil) {
        guard let progress else { return }
        update.kind = kind
        update.message = message
        progress.report(update)
    }

    func noteDeletionMissing() { report.isDeletionMissing = true }

    func noteDeleted(_ count: Int) { report.deleted = count }
}
