import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

@Suite("One client object, many tasks", .undisturbed)
struct ConcurrencyTests {
    @Test("Messages of many tasks at once arrive each once")
    func manyTasks() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let mail = try await Workstation(.submission(servers, user), sender: user.address).client()
        let receipts = try await withThrowingTaskGroup { group in
            for number in 0..<24 {
                group.addTask {
                    try await mail.send(Message(to: [user.address], subject: "Nr. \(number)", text: "x\n"))
                }
            }
            return try await group.reduce(into: [SendReceipt]()) { $0.append($1) }
        }
        #expect(Set(receipts.map(\.messageID)).count == 24)
        #expect(Set(receipts.compactMap(\.remoteQueueID)).count == 24)
        let messages = try await servers.mailbox(of: user).messages(24)
        #expect(messages.count == 24)
        let subjects = messages.map { octets in
            String(decoding: octets, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }
        }
        #expect(Set(subjects) == Set((0..<24).map { "Subject: Nr. \($0)" }))
    }

    @Test("A task that is cancelled in the middle of a large message ends at once, and nobody gets the message")
    func cancellation() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let station = try Workstation(.submission(servers, user), sender: user.address)
        let mail = try await station.client()
        let large = try Message(
            to: [user.address],
            subject: "cancelled",
            attachments: [.bytes(octets(20_000_000, seed: 6), name: "large.bin")]
        )
        // Cancelled by itself, so that it does not depend on the machine how far it is then.
        let progress = ProgressLog()
        let listener = TransferProgress { update in
            progress.keep(update)
            if update.completed > 1_000_000 { withUnsafeCurrentTask { $0?.cancel() } }
        }
        let sending = Task(executorPreference: QueueExecutor.waiting) { try await mail.send(large, progress: listener) }
        let error = try await mailError { try await sending.value }
        #expect(progress.steps.count { $0 > 1_000_000 } == 1)
        #expect(error.code == .cancelled)
        #expect(error.certainty == .notTaken)

        _ = try await mail.send(Message(to: [user.address], subject: "after", text: "x\n"))
        let messages = try await servers.mailbox(of: user).messages(1)
        #expect(messages.count == 1)
        #expect(String(decoding: messages[0], as: UTF8.self).contains("Subject: after\r\n"))
    }
}
