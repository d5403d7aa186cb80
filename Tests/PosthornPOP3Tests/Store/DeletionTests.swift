import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// What becomes of deletions when the end of a session does not go as it should.
@Suite(.undisturbed) struct DeletionTests {
    /// Reads and deletes three messages, with a fault at the end.
    private func end(
        _ faults: POP3ServerFault...,
        settings: String = limits(700),
        check: (MailError?, [String]) throws -> Void
    ) async throws {
        for isPipelined in [true, false] {
            var configuration = POP3ServerConfiguration.info(threeTexts)
            configuration.faults = faults
            if !isPipelined { configuration.extensions.remove(.pipelining) }
            try await POP3TestServer.withServer(configuration) { server in
                let store = try makeStore(server, settings)
                let error = await failure { try await store.readAndDelete() }
                #expect(error?.account == "pop3")
                #expect(server.violations.isEmpty, "\(server.violations)")
                try check(error, server.maildrop("info").map(\.uid))
            }
        }
    }

    private static let all = ["uid-1", "uid-2", "uid-3"]

    static let lostAnswers: [(POP3ServerFault.Act, MailError.Code)] = [
        (.lose, .connectionLost), (.end(.close), .connectionLost), (.end(.cut), .connectionLost),
        (.end(.reset), .connectionLost), (.end(.silence), .timedOut), (.cut(after: 3, .close), .connectionLost),
        (.drip(every: .milliseconds(200)), .timedOut),
    ]

    @Test(arguments: lostAnswers)
    func `Without an answer to QUIT nobody knows, and the error says so`(
        _ act: POP3ServerFault.Act,
        _ code: MailError.Code
    ) async throws {
        for isDone in [true, false] {
            try await end(.at(.quit, act).deleting(isDone)) { error, left in
                #expect(error?.code == code, "\(String(describing: error))")
                let word = "nobody knows whether the 3 messages were deleted"
                #expect(error?.message.contains(word) == true, "\(String(describing: error))")
                #expect(left == (isDone ? [] : Self.all))
            }
        }
    }

    @Test func `A QUIT that is refused is told`() async throws {
        try await end(.at(.quit, .answer("-ERR [SYS/TEMP] some were not removed"))) { error, left in
            #expect(error?.code == .unavailable, "\(String(describing: error))")
            #expect(error?.message.contains("3 messages") == true)
            #expect(left == Self.all)
        }
        try await end(.at(.quit, .answer("-ERR some deleted messages not removed"))) { error, left in
            #expect(error?.code == .refused, "\(String(describing: error))")
            #expect(error?.message.contains("some deleted messages not removed") == true)
            #expect(left == Self.all)
        }
    }

    @Test func `What is no answer to QUIT is told, and nobody knows`() async throws {
        try await end(.at(.quit, .answer("250 bye"))) { error, _ in
            #expect(error?.code == .protocolViolation, "\(String(describing: error))")
            #expect(error?.message.contains("nobody knows") == true)
        }
    }

    @Test func `One DELE that is refused keeps that message, and the others go`() async throws {
        try await end(.at(.dele, .answer("-ERR [SYS/PERM] not this one")).onMessage(.nth(2))) { error, left in
            #expect(error?.code == .refused && error?.isRetryable == false, "\(String(describing: error))")
            #expect(error?.message.contains("to delete 1 of 3 messages") == true, "\(String(describing: error))")
            #expect(error?.message.contains("the others are deleted") == true, "\(String(describing: error))")
            #expect(left == ["uid-2"])
        }
        try await end(.at(.dele, .answer("-ERR [IN-USE] not now"))) { error, left in
            #expect(error?.code == .unavailable && error?.isRetryable == true, "\(String(describing: error))")
            #expect(error?.message.contains("to delete 3 of 3 messages") == true, "\(String(describing: error))")
            #expect(error?.message.contains("the others") == false, "\(String(describing: error))")
            #expect(left == Self.all)
        }
    }

    static let brokenAnswers: [(POP3ServerFault.Act, MailError.Code)] = [
        (.lose, .timedOut), (.end(.close), .connectionLost), (.end(.reset), .connectionLost),
        (.end(.silence), .timedOut), (.answer("what?"), .protocolViolation), (.answer("+ go on"), .protocolViolation),
    ]

    @Test(arguments: brokenAnswers)
    func `A session that breaks before QUIT has deleted nothing, and the error says so`(
        _ act: POP3ServerFault.Act,
        _ code: MailError.Code
    ) async throws {
        try await end(.at(.dele, .nth(2), act)) { error, left in
            #expect(error?.code == code, "\(String(describing: error))")
            #expect(error?.message.contains("nothing was deleted") == true, "\(String(describing: error))")
            #expect(left == Self.all)
        }
    }

    @Test func `A reply more than was asked for ends the session before QUIT`() async throws {
        try await end(.at(.dele, .nth(3), .surplus("+OK and bye"))) { error, left in
            #expect(error?.code == .protocolViolation, "\(String(describing: error))")
            #expect(left == Self.all)
        }
    }

    struct Stop: Error {}

    @Test func `A session whose body throws sends no DELE`() async throws {
        try await POP3TestServer.withServer(.info(threeTexts)) { server in
            let store = try makeStore(server)
            await #expect(throws: Stop.self) {
                try await store.withSession { session in
                    try await session.delete(try await session.messages().map(\.id))
                    throw Stop()
                }
            }
            try await server.waitForDisconnects()
            #expect(!server.connections[0].commands.contains { $0.hasPrefix("DELE") })
            #expect(server.connections[0].commands.last == "QUIT")
            #expect(server.maildrop("info").count == 3 && server.violations.isEmpty)
        }
    }

    @Test func `A session that is broken cannot delete, even if its body goes on`() async throws {
        // The rest of what the server says looks like answers to everything that is still to come.
        let rest = String(repeating: "+OK\n", count: 40)
        let place = POP3ServerFault.at(.retr, .first, .answer(POP3ServerReply("what?\n\(rest)")))
        try await POP3TestServer.withServer(.info(threeTexts).with(place)) { server in
            let store = try makeStore(server)
            let error = await failure {
                try await store.withSession { session in
                    let ids = try await session.messages().map(\.id)
                    try await session.delete(ids)
                    let error = await failure { try await session.read(ids) }
                    #expect(error?.code == .protocolViolation, "\(String(describing: error))")
                }
            }
            #expect(error?.code == .connectionLost, "\(String(describing: error))")
            #expect(error?.message.contains("nothing was deleted") == true, "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(server.maildrop("info").count == 3)
            #expect(!server.connections[0].commands.contains { $0.hasPrefix("DELE") })
        }
    }
}
