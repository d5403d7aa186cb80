import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The tables that Postfix asks for recipients: who has a mailbox, and who is refused with which reply.
///
/// Served over Postfix's socketmap protocol from the test process, so that a user who is added is known at once.
final class RecipientTable: Sendable {
    private struct Tables {
        var mailboxes: [String: String] = [:]
        var replies: [String: String] = [:]
        var isStopped = false
    }

    let port: Int
    private let tables = Mutex(Tables())
    private let listener: Int32

    init() throws {
        (listener, port) = try Loopback.listen()
        Thread.detachNewThread { [self] in accept() }
    }

    /// Makes an address known, with the path of its mailbox.
    func add(_ address: String, mailbox: String) {
        tables.withLock { $0.mailboxes[address.lowercased()] = mailbox }
    }

    /// Has an address refused at RCPT; `nil` takes it back.
    func refuse(_ address: String, with reply: String?) {
        tables.withLock { $0.replies[address.lowercased()] = reply }
    }

    func stop() {
        tables.withLock { tables in
            guard !tables.isStopped else { return }
            tables.isStopped = true
            // Wakes the accepting thread, which closes the descriptor.
            shutdown(listener, Int32(SHUT_RDWR))
        }
    }

    private func accept() {
        while true {
            let connection = acceptConnection(listener)
            if tables.withLock({ $0.isStopped }) {
                if connection >= 0 { close(connection) }
                close(listener)
                return
            }
            guard connection >= 0 else {
                usleep(1_000)
                continue
            }
            Thread.detachNewThread { [self] in serve(connection) }
        }
    }

    /// Answers netstrings `<length>:<table> <key>,` until the other side closes.
    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var input: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 2048)
        while true {
            let count = read(connection, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            input += chunk.prefix(count)
            while let colon = input.firstIndex(of: UInt8(ascii: ":")) {
                guard let length = Int(String(decoding: input[..<colon], as: UTF8.self)), length < 100_000 else {
                    return
                }
                guard input.count > colon + 1 + length else { break }
                let request = String(decoding: input[(colon + 1)..<(colon + 1 + length)], as: UTF8.self)
                input.removeFirst(colon + length + 2)
                let answer = Array(answer(request).utf8)
                let reply = Array("\(answer.count):".utf8) + answer + [UInt8(ascii: ",")]
                guard write(connection, reply, reply.count) == reply.count else { return }
            }
        }
    }

    private func answer(_ request: String) -> String {
        let words = request.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return "PERM malformed request" }
        let value = tables.withLock { tables -> String? in
            switch words[0] {
            case "mailboxes": tables.mailboxes[words[1].lowercased()]
            case "replies": tables.replies[words[1].lowercased()]
            default: nil
            }
        }
        return value.map { "OK \($0)" } ?? "NOTFOUND "
    }
}

/// `accept`, with a descriptor that no started program inherits.
func acceptConnection(_ listener: Int32) -> Int32 {
    let connection = accept(listener, nil, nil)
    if connection >= 0 { _ = fcntl(connection, F_SETFD, FD_CLOEXEC) }
    return connection
}
