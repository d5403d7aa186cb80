import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sessions waiting to be resumed, by server, port and identity. Bounded; entries end by themselves.
package final class TLSSessionCache: Sendable {
    /// For whom a session may be used again.
    package struct Key: Sendable, Hashable {
        package let host: String
        package let port: Int
        /// Whoever signs in over the connection (account, client certificate); sessions of one are never used for
        /// another.
        package let identity: String

        package init(host: String, port: Int, identity: String) {
            self.host = host
            self.port = port
            self.identity = identity
        }
    }

    private struct State {
        var sessions: [Key: [TLSSession]] = [:]
        /// Keys in the order of their last storing, oldest first.
        var order: [Key] = []
    }

    /// Tickets kept for one key: two connections opened at once can both resume.
    private static let sessionsPerKey = 4

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: The number of keys kept; the one stored longest ago makes room.
    package init(capacity: Int = 64) { self.capacity = max(capacity, 1) }

    /// Keeps a session for later.
    package func store(_ session: TLSSession, for key: Key) {
        state.withLock { state in
            var list = state.sessions[key] ?? []
            if !session.isSingleUse { list.removeAll() }
            list.append(session)
            if list.count > Self.sessionsPerKey { list.removeFirst(list.count - Self.sessionsPerKey) }
            state.sessions[key] = list
            state.order.removeAll { $0 == key }
            state.order.append(key)
            while state.order.count > capacity { state.sessions[state.order.removeFirst()] = nil }
        }
    }

    /// A session that is still good, the newest first. One of TLS 1.3 is given out once (RFC 8446, appendix C.4).
    ///
    /// - Parameter now: Seconds since 1970; the present if `nil`.
    package func take(for key: Key, now: Int64? = nil) -> TLSSession? {
        let now = now ?? Int64(time(nil))
        return state.withLock { state in
            guard var list = state.sessions[key] else { return nil }
            list.removeAll { $0.expires <= now }
            let session = list.last
            if session?.isSingleUse == true { list.removeLast() }
            if list.isEmpty {
                state.sessions[key] = nil
                state.order.removeAll { $0 == key }
            } else {
                state.sessions[key] = list
            }
            return session
        }
    }

    /// Forgets the sessions of one key, after a resumption that failed or a sign-in that was refused.
    package func forget(_ key: Key) {
        state.withLock { state in
            state.sessions[key] = nil
            state.order.removeAll { $0 == key }
        }
    }

    /// Forgets everything.
    package func removeAll() { state.withLock { $0 = State() } }

    /// The number of keys with sessions.
    package var count: Int { state.withLock { $0.sessions.count } }
}
