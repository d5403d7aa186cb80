import Posthorn

/// Sends the messages of the pool's line over one connection, for as long as there are any.
struct SMTPWorker {
    let pool: SMTPPool
    let number: Int
    /// The pool's generation at the worker's start.
    let generation: Int

    /// - Parameter idle: a connection that was idle, if there is one; otherwise one is made.
    func run(_ idle: SMTPSession?) async {
        let session: SMTPSession
        do {
            session = if let idle { idle } else { try await pool.openSession() }
            pool.opened(number)
            // Cancelled in the last moment: nothing could be read and sent on this task any more.
            if Task.isCancelled {
                session.giveUp()
                throw MailError(.cancelled, "nobody waits for the connection any more")
            }
        } catch {
            return pool.openingFailed(number, .onTheWay(error))
        }
        while true {
            await session.onOwnThread { await session.serve(pool, worker: number) }
            switch pool.rest(session.isReusable ? session : nil, generation: generation) {
            case .goOn: continue
            case .parked: return
            case .end:
                await session.quit()
                return pool.left()
            }
        }
    }
}
