import Posthorn
import PosthornTesting
import Synchronization
import TestSupport

@testable import PosthornSMTP

/// Many messages, each known by its number, and what became of them.
enum Numbered {
    /// A message whose subject is its number.
    static func request(_ number: Int, to recipients: [String] = ["b@example.org"]) -> SendRequest {
        .small(to: recipients, "Subject: nr-\(number)\r\n\r\nhi\r\n")
    }

    static func batch(_ numbers: Range<Int>) -> SendBatch { SendBatch(numbers.map { request($0) }) }

    /// The numbers of messages that a server has taken.
    static func taken(_ messages: [ReceivedMessage]) -> [Int] {
        messages.compactMap { message in
            Int(message.text.prefix { $0 != "\r\n" }.dropFirst("Subject: nr-".count))
        }
    }

    /// Sends each message in a task of its own.
    static func sendAtOnce(_ transport: SMTPTransport, _ numbers: Range<Int>) async -> [Sent] {
        await withTaskGroup(of: (Int, Sent).self) { group in
            for number in numbers {
                group.addTask { (number, await Sent { try await transport.send(request(number)) }) }
            }
            return await group.reduce(into: [(Int, Sent)]()) { $0.append($1) }
                .sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension SendOutcome {
    var receipt: SendReceipt? { try? get() }
    var error: MailError? { if case .failure(let error) = self { error } else { nil } }
    /// `accepted`, or the certainty of the failure.
    var end: String { error.map { "\($0.certainty)" } ?? "accepted" }
}

/// Counts how many connections are in use at once, seen from the server: from the greeting to QUIT.
final class ConnectionGauge: Sendable {
    private let server = Mutex<SMTPTestServer?>(nil)
    private let most = Mutex(0)

    /// The most at any time when a connection came.
    var highest: Int { most.withLock { $0 } }

    /// Looks at every connection that comes.
    func watch(_ configuration: inout SMTPServerConfiguration) {
        configuration.rules.onConnection = { [self] in
            let connections = server.withLock { $0 }?.connections ?? []
            let open = connections.count { !$0.isClosed && $0.commands.last != "QUIT" }
            most.withLock { $0 = max($0, open) }
            return nil
        }
    }

    func attach(_ server: SMTPTestServer) { self.server.withLock { $0 = server } }
    func detach() { server.withLock { $0 = nil } }
}
