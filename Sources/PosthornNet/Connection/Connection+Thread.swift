extension Connection {
    /// Runs `body` on the thread that moves this connection's octets, so that no octet and no reply has to change
    /// threads: a dialogue of many short commands takes noticeably less processor time.
    ///
    /// Other connections share the thread. `body` must not wait for anything but the connection, and not compute or
    /// read files for longer than a few milliseconds at a time.
    package func onOwnThread<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await withTaskExecutorPreference(executor) { try await body() }
    }
}
