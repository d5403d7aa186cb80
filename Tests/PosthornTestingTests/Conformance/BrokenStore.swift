import Posthorn
import PosthornTesting
import Synchronization

/// What can be wrong with a store; each is caught by the rules named.
enum StoreDefect: CaseIterable, Sendable {
    /// Nothing wrong, and no optional ability either.
    case none
    case newestFirst, changingNames, wrongSizes, dropsDots, readOnce, allAtOnce
    case emptyForUnknown, readingDeletes, forgetsDeletions, abandonDeletes, marksBeforeThrowing
    case worksAfterEnd, onlyNewMessages, fickle, forgetsFlags, anyFolder, shortAppend
    case replacesFlags, wholeForHeader, skipsVanished
    case endlessWait, hastyWait, noQuota, wrongError

    var rules: [StoreConformance.Rule] {
        switch self {
        case .none: []
        case .newestFirst: [.listingOrder]
        case .changingNames: [.stableNames]
        case .wrongSizes: [.truthfulSizes]
        case .dropsDots: [.contentUnchanged]
        case .readOnce: [.contentRepeatable]
        case .allAtOnce: [.largeContent]
        case .emptyForUnknown: [.unknownName, .vanishedMessage]
        case .readingDeletes: [.untouchedByReading]
        case .forgetsDeletions: [.committedDeletion]
        case .abandonDeletes: [.abandonedDeletion, .thrownErrorAbandons, .cancellationAbandons]
        case .marksBeforeThrowing: [.deletionOfUnknown]
        case .worksAfterEnd: [.endedSession]
        case .onlyNewMessages: [.sessionsInTurn]
        case .fickle: [.steadyInterfaces]
        case .forgetsFlags: [.flags]
        case .replacesFlags: [.flagChanges]
        case .wholeForHeader: [.headers]
        case .skipsVanished: [.contentsInTurn]
        case .anyFolder: [.folders]
        case .shortAppend: [.appending]
        case .endlessWait, .hastyWait: [.arrivals]
        case .noQuota: [.quota]
        case .wrongError: [.unknownName]
        }
    }
}

/// A store with one defect.
final class BrokenStore: IncomingStore {
    let memory: InMemoryStore
    let defect: StoreDefect
    let sessions = Mutex(0)
    let seen = Mutex<Set<StoredMessage.ID>>([])

    init(memory: InMemoryStore, defect: StoreDefect) {
        self.memory = memory
        self.defect = defect
    }

    func openSession() async throws -> sending BrokenSession {
        let number = sessions.withLock { number -> Int in
            number += 1
            return number
        }
        return BrokenSession(store: self, base: try await memory.openSession(), number: number)
    }
}

final class BrokenSession: StoreSession {
    private let store: BrokenStore
    private var base: InMemoryStoreSession
    private let number: Int
    private var questions = 0
    private var touched: [StoredMessage.ID] = []
    private var defect: StoreDefect { store.defect }

    init(store: BrokenStore, base: sending InMemoryStoreSession, number: Int) {
        self.store = store
        self.base = base
        self.number = number
    }

    func messages() async throws -> [StoredMessage] {
        var list = try await base.messages()
        switch defect {
        case .newestFirst: list.reverse()
        case .changingNames:
            list = list.map { StoredMessage(id: StoredMessage.ID("\($0.id)/\(number)"), size: $0.size) }
        case .wrongSizes: list = list.map { StoredMessage(id: $0.id, size: ($0.size ?? 0) + 1) }
        case .onlyNewMessages:
            list = store.seen.withLock { seen in
                let fresh = list.filter { !seen.contains($0.id) }
                seen.formUnion(fresh.map(\.id))
                return fresh
            }
        default: break
        }
        return list
    }

    func content(of id: StoredMessage.ID) async throws -> MessageContent {
        do {
            if defect == .readingDeletes { touched.append(id) }
            let content = try await base.content(of: id)
            switch defect {
            case .dropsDots, .readOnce, .allAtOnce:
                return MessageContent(BrokenSource(bytes: try await content.collect(upTo: 1 << 30), defect: defect))
            default: return content
            }
        } catch let error as MailError where error.code == .notFound {
            if defect == .emptyForUnknown { return .bytes([]) }
            if defect == .wrongError { throw MailError(.protocolViolation, "something is wrong") }
            throw error
        }
    }

    func readEach(
        _ ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        let listed = Set(try await base.messages().map(\.id))
        let wanted = defect == .skipsVanished ? ids.filter { listed.contains($0) } : ids
        try await base.readEach(wanted, body)
    }

    func interface<Interface>(_ capability: StoreCapability<Interface>) -> Interface? {
        if defect == .none { return nil }
        questions += 1
        if defect == .fickle, questions > 7 { return nil }
        return self as? Interface
    }

    func commit() async throws {
        switch defect {
        case .forgetsDeletions: await base.abandon()
        case .readingDeletes:
            try await base.delete(touched)
            try await base.commit()
        default: try await base.commit()
        }
        if defect == .worksAfterEnd { base = try await store.memory.openSession() }
    }

    func abandon() async {
        if defect == .abandonDeletes { try? await base.commit() } else { await base.abandon() }
    }
}

extension BrokenSession: MessageDeletion {
    func delete(_ ids: [StoredMessage.ID]) async throws {
        if defect == .marksBeforeThrowing {
            for id in ids { try await base.delete([id]) }
        } else {
            try await base.delete(ids)
        }
    }
}

extension BrokenSession: FlagStorage {
    func flags(of ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: Set<MessageFlag>] {
        try await base.flags(of: ids)
    }

    func setFlags(_ flags: Set<MessageFlag>, of ids: [StoredMessage.ID]) async throws {
        if defect != .forgetsFlags { try await base.setFlags(flags, of: ids) }
    }

    func changeFlags(
        of ids: [StoredMessage.ID],
        adding: Set<MessageFlag>,
        removing: Set<MessageFlag>
    ) async throws {
        if defect == .replacesFlags {
            try await base.setFlags(adding, of: ids)
        } else {
            try await base.changeFlags(of: ids, adding: adding, removing: removing)
        }
    }
}

extension BrokenSession: HeaderReading {
    func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws {
        let lines = defect == .wholeForHeader ? 1_000 : bodyLines
        try await base.readHeaders(of: ids, bodyLines: lines, body)
    }
}

extension BrokenSession: FolderAccess {
    func folders() async throws -> [MailFolder] { try await base.folders() }

    func select(_ folder: String) async throws {
        if defect == .anyFolder { store.memory.createFolder(folder) }
        try await base.select(folder)
    }
}

extension BrokenSession: MessageAppending {
    func append(_ content: MessageContent, flags: Set<MessageFlag>) async throws -> StoredMessage.ID? {
        guard defect == .shortAppend else { return try await base.append(content, flags: flags) }
        return try await base.append(.bytes(try await content.collect(upTo: 1 << 20).dropLast()), flags: flags)
    }
}

extension BrokenSession: ArrivalWatching {
    func waitForArrivals() async throws {
        switch defect {
        case .hastyWait: return
        case .endlessWait: try await Task.sleep(for: .seconds(3_600))
        default: try await base.waitForArrivals()
        }
    }
}

extension BrokenSession: QuotaReporting {
    func quota() async throws -> StoreQuota {
        defect == .noQuota ? StoreQuota(used: 0, limit: nil) : try await base.quota()
    }
}

/// A content with a defect.
private final class BrokenSource: ContentSource {
    let bytes: [UInt8]
    let defect: StoreDefect
    private let readings = Mutex(0)

    init(bytes: [UInt8], defect: StoreDefect) {
        self.bytes = bytes
        self.defect = defect
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        ContentFacts(size: UInt64(bytes.count), transfer: .binary, needsUTF8Headers: true)
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        let number = readings.withLock { number -> Int in
            number += 1
            return number
        }
        switch defect {
        case .readOnce where number > 1: return Reader(bytes: [])
        case .dropsDots: return Reader(bytes: bytes.filter { $0 != UInt8(ascii: ".") })
        default: return Reader(bytes: bytes)
        }
    }

    struct Reader: ContentReader {
        var bytes: [UInt8]

        mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
            guard !bytes.isEmpty else { return false }
            buffer += bytes
            bytes = []
            return true
        }
    }
}
