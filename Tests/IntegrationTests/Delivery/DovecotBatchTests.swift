import Foundation
import Posthorn
import PosthornSMTP
import TestSupport
import Testing

/// Dovecot breaks when a second message comes in the same flight as the end of the first: it must be recognised.
@Suite("Many messages over one connection to Dovecot", .undisturbed)
struct DovecotBatchTests {
    private static let lines = ["connections: 1"]

    private func send(_ count: Int, _ way: Way, _ users: [MailUser], from sender: String) async throws -> [SendOutcome]
    {
        let mail = try await Workstation(way, sender: sender).client()
        let messages = (0..<count).map { number in
            RawMessage(
                bytes: Array(
                    "To: \(users.map(\.address).joined(separator: ", "))\r\nSubject: batch \(number)\r\n\r\nhi\r\n".utf8
                )
            )
        }
        let outcomes = try await mail.client.send(batch: messages)
        await mail.client.close()
        return outcomes
    }

    private func check(_ outcomes: [SendOutcome], _ users: [MailUser], _ servers: MailServers) async throws {
        for outcome in outcomes {
            let receipt = try outcome.get()
            #expect(receipt.isComplete && receipt.recipients.count == users.count, "\(receipt.recipients)")
        }
        for user in users {
            let messages = try await servers.mailbox(of: user).messages(outcomes.count)
            let subjects = messages.compactMap { octets in
                String(decoding: octets, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }
            }
            #expect(subjects.sorted() == outcomes.indices.map { "Subject: batch \($0)" }.sorted())
        }
    }

    @Test("LMTP: each message has a reply for each recipient", arguments: [1, 3])
    func lmtp(recipients: Int) async throws {
        let servers = try await MailServers.shared()
        let users = try (0..<recipients).map { _ in try servers.addUser() }
        let relay = try CuttingRelay(to: servers.lmtpPort)
        defer { relay.stop() }
        let way = Way(
            name: "store",
            port: relay.port,
            security: "none",
            lines: ["protocol: lmtp"] + Self.lines
        )
        let outcomes = try await send(40, way, users, from: "someone@elsewhere.test")
        try await check(outcomes, users, servers)
        #expect(relay.passed.count == 1)
    }

    @Test("Submission: Dovecot's own service takes them all")
    func submission() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let relay = try CuttingRelay(to: servers.dovecotSubmissionsPort)
        defer { relay.stop() }
        var way = try Way.submission(servers, user, lines: Self.lines)
        way.port = relay.port
        let outcomes = try await send(40, way, [user], from: user.address)
        try await check(outcomes, [user], servers)
        #expect(relay.passed.count == 1)
    }
}
