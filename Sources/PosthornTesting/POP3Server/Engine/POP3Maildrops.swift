import Synchronization

/// The maildrops of a server, which all its connections share.
final class POP3Maildrops: Sendable {
    /// A message with a number that no other has: names may be doubled.
    struct Entry: Sendable {
        let id: UInt64
        let message: POP3ServerMessage
    }

    /// What became of the attempt to open a maildrop.
    enum Opening {
        case opened([Entry], session: Int)
        case inUse
        case tooEarly
    }

    private struct Maildrop {
        var entries: [Entry] = []
        /// The numbers of those that are there.
        var ids: Set<UInt64> = []
        var marked: Set<UInt64> = []
        /// The connection that has it.
        var owner: Int?
        var sessions = 0
        var lastSignIn: ContinuousClock.Instant?
    }

    private struct State {
        var maildrops: [String: Maildrop] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    init(_ messages: [String: [POP3ServerMessage]] = [:]) {
        for (user, messages) in messages {
            for message in messages { deliver(message, to: user) }
        }
    }

    func deliver(_ message: POP3ServerMessage, to user: String) {
        state.withLock { state in
            state.nextID += 1
            state.maildrops[user, default: Maildrop()].entries.append(Entry(id: state.nextID, message: message))
            state.maildrops[user, default: Maildrop()].ids.insert(state.nextID)
        }
    }

    /// Removes the messages of a name as another program would: a session that is open still believes in them.
    ///
    /// - Returns: how many there were.
    func remove(uid: String, of user: String?) -> Int {
        state.withLock { state in
            var count = 0
            for name in state.maildrops.keys where user == nil || name == user {
                count += Self.remove(from: &state.maildrops[name, default: Maildrop()]) { $0.message.uid == uid }
            }
            return count
        }
    }

    /// The messages of a user as they are now.
    func messages(of user: String) -> [POP3ServerMessage] {
        state.withLock { state in
            guard let maildrop = state.maildrops[user] else { return [] }
            return maildrop.entries.map { entry in
                var message = entry.message
                message.isMarkedForDeletion = maildrop.marked.contains(entry.id)
                return message
            }
        }
    }

    // MARK: Sessions

    /// Gives a maildrop to a connection, unless another one has it.
    func open(_ user: String, for connection: Int, loginDelay: Int?) -> Opening {
        state.withLock { state in
            var maildrop = state.maildrops[user, default: Maildrop()]
            guard maildrop.owner == nil else { return .inUse }
            let now = ContinuousClock.now
            if let loginDelay, let before = maildrop.lastSignIn, before + .seconds(loginDelay) > now {
                return .tooEarly
            }
            maildrop.owner = connection
            maildrop.lastSignIn = now
            maildrop.sessions += 1
            state.maildrops[user] = maildrop
            return .opened(maildrop.entries, session: maildrop.sessions)
        }
    }

    /// Whether a message is still there.
    func has(_ id: UInt64, of user: String) -> Bool {
        state.withLock { $0.maildrops[user]?.ids.contains(id) == true }
    }

    func mark(_ id: UInt64, of user: String) {
        state.withLock { _ = $0.maildrops[user]?.marked.insert(id) }
    }

    func unmarkAll(of user: String) {
        state.withLock { $0.maildrops[user]?.marked = [] }
    }

    /// Takes the maildrop back from a connection.
    ///
    /// - Parameter isCommitted: Whether the marked messages are deleted; otherwise they stay.
    func close(_ user: String, for connection: Int, isCommitted: Bool) {
        state.withLock { state in
            guard var maildrop = state.maildrops[user], maildrop.owner == connection else { return }
            if isCommitted {
                let marked = maildrop.marked
                _ = Self.remove(from: &maildrop) { marked.contains($0.id) }
            }
            maildrop.marked = []
            maildrop.owner = nil
            state.maildrops[user] = maildrop
        }
    }

    private static func remove(from maildrop: inout Maildrop, where isGone: (Entry) -> Bool) -> Int {
        let gone = maildrop.entries.filter(isGone).map(\.id)
        guard !gone.isEmpty else { return 0 }
        maildrop.ids.subtract(gone)
        maildrop.marked.subtract(gone)
        let left = maildrop.ids
        maildrop.entries.removeAll { !left.contains($0.id) }
        return gone.count
    }
}
