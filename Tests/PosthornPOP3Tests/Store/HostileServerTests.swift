import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// Servers, and people between, that say what they must not. Each is a typed error, and nothing is deleted.
@Suite(.undisturbed) struct HostileServerTests {
    /// Reads and deletes everything; gives the error, the server's commands, and what is left.
    private func attempt(
        _ configuration: POP3ServerConfiguration,
        _ settings: String = limits(10_000),
        isAboutProtocol: Bool = true,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> (error: MailError?, commands: [String]) {
        try await POP3TestServer.withServer(configuration) { server in
            let store = try makeStore(server, settings)
            let error = await failure(sourceLocation: sourceLocation) { try await store.readAndDelete() }
            try await server.waitForDisconnects()
            let count = configuration.messages["info"]?.count
            #expect(server.maildrop("info").count == count, sourceLocation: sourceLocation)
            #expect(server.violations.isEmpty, "\(server.violations)", sourceLocation: sourceLocation)
            let commands = server.connections.first?.commands ?? []
            #expect(!commands.contains { $0.hasPrefix("DELE") }, sourceLocation: sourceLocation)
            if isAboutProtocol {
                let comment = Comment(rawValue: String(describing: error))
                #expect(error?.code == .protocolViolation, comment, sourceLocation: sourceLocation)
                #expect(error?.isRetryable == false, sourceLocation: sourceLocation)
            }
            return (error, commands)
        }
    }

    // MARK: Before the sign-in

    @Test(arguments: [
        POP3ServerFault.Act.answer("-ERR no"), .answer("-ERR [SYS/TEMP] later"), .answer("250 what"),
        .answer("+ go on"),
        .end(.close), .surplus("+OK injected"), .surplus("x"),
    ])
    func `Whatever STLS is answered with, nothing else is said in the clear`(_ act: POP3ServerFault.Act) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts, .startTLS).with(.at(.stls, act))
        configuration.recordsOctets = true
        try await POP3TestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server, limits(10_000)).readAndDelete() }
            let codes: [MailError.Code] = [.encryptionUnavailable, .protocolViolation, .connectionLost]
            #expect(error.map { codes.contains($0.code) } == true, "\(String(describing: error))")
            try await server.waitForDisconnects()
            let connection = try #require(server.connections.first)
            #expect(connection.commands == ["STLS"])
            let clear = String(decoding: connection.clearOctets, as: UTF8.self)
            #expect(clear.hasPrefix("STLS\r\n") && !clear.contains("info"), "\(clear.debugDescription)")
        }
    }

    @Test func `A server that has no STLS gets no name and no password`() async throws {
        // The client is told to use STLS; the server has none, as if somebody had stripped it.
        try await POP3TestServer.withServer(.info(threeTexts)) { server in
            let store = try makeStore(port: server.port, "username: info, password: \(password)", security: "starttls")
            let error = await failure { try await store.openSession() }
            #expect(error?.code == .encryptionUnavailable, "\(String(describing: error))")
            #expect(error?.message.contains("security: tls") == true)
            try await server.waitForDisconnects()
            #expect(server.connections.map(\.commands) == [["STLS"]])
        }
    }

    @Test(arguments: [
        ("220 mail.example.org ESMTP", "SMTP"), ("* OK IMAP4rev1 ready", "IMAP"), ("HTTP/1.1 400 Bad Request", "web"),
        ("SSH-2.0-OpenSSH_9.2", "995"), ("", "995"), ("+OKAY", "995"), ("\u{1B}[2J\u{7}", "995"),
        ("\u{16}\u{3}\u{1}", "995"),
    ])
    func `A greeting of something else says what it may be`(_ greeting: String, _ hint: String) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts)
        configuration.greeting = POP3ServerReply(greeting)
        let (error, commands) = try await attempt(configuration)
        #expect(error?.message.contains(hint) == true, "\(String(describing: error))")
        #expect(commands.isEmpty)
    }

    @Test(arguments: [POP3ServerFault.Place.greeting, .capa, .auth, .list, .uidl, .retr, .dele])
    func `A line without an end is refused before it fills the memory`(_ place: POP3ServerFault.Place) async throws {
        // Behind its first line the list is endless; here the first line itself is.
        let line = POP3ServerReply(octets: [UInt8](repeating: UInt8(ascii: "x"), count: 300 * 1_024))
        let configuration = POP3ServerConfiguration.info(threeTexts).with(.at(place, .answer(line)))
        try await POP3TestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server, limits(10_000)).readAndDelete() }
            #expect(error?.code == .protocolViolation, "\(String(describing: error))")
            #expect(error?.message.contains("64 KiB") == true, "\(String(describing: error))")
            #expect(server.maildrop("info").count == 3)
        }
    }

    // MARK: Lists

    @Test(arguments: [POP3ServerFault.Place.capa, .list, .uidl])
    func `A list whose line has no end is refused`(_ place: POP3ServerFault.Place) async throws {
        let (error, _) = try await attempt(.info(threeTexts).with(.at(place, .endless())))
        #expect(error?.message.contains("more than 4096 octets") == true, "\(String(describing: error))")
    }

    @Test func `A list of capabilities that does not end is refused`() async throws {
        // In lines of x, so that each is well formed.
        let (error, _) = try await attempt(.info(threeTexts).with(.at(.capa, .lengthen(by: 64 << 20))))
        #expect(error?.message.contains("more than 262144 octets") == true, "\(String(describing: error))")
    }

    @Test(arguments: [POP3ServerFault.Place.list, .uidl])
    func `A list with lines that are none is refused`(_ place: POP3ServerFault.Place) async throws {
        _ = try await attempt(.info(threeTexts).with(.at(place, .lengthen(by: 1 << 20))))
    }

    @Test(arguments: [
        "+OK\n1 1\n1 1\n.", "+OK\n2 1\n1 1\n.", "+OK\n0 1\n.", "+OK\n1\n.", "+OK\n1 99999999999999999999\n.",
        "+OK\n-1 5\n.", "+OK\n1 x\n.", "+OK\n\n.", "+OK\n99999999999999999999 1\n.", "+OK\n1 1\n+OK\n.",
        "+OK\n1 \u{0}\n.",
    ])
    func `A list of sizes that is none is refused`(_ reply: String) async throws {
        for isPipelined in [true, false] {
            var configuration = POP3ServerConfiguration.info(threeTexts)
                .with(.at(.list, .answer(POP3ServerReply(reply))))
            if !isPipelined { configuration.extensions.remove(.pipelining) }
            _ = try await attempt(configuration)
        }
    }

    @Test(arguments: [POP3ServerFault.Place.capa, .list, .uidl, .retr])
    func `A reply that breaks off before its end is no reply`(_ place: POP3ServerFault.Place) async throws {
        for ending in [ServerEnding.close, .cut, .reset] {
            let (error, _) = try await attempt(
                .info(threeTexts, .implicitTLS).with(.at(place, .unterminated(ending))),
                isAboutProtocol: false
            )
            #expect(error?.code == .connectionLost && error?.isRetryable == true, "\(String(describing: error))")
        }
    }

    // MARK: Sizes and messages

    @Test(arguments: [UInt64(0), 1, 5, 1_000_000, 1 << 40, .max])
    func `A size that is not true changes nothing about what is read`(_ size: UInt64) async throws {
        for isPipelined in [true, false] {
            var configuration = POP3ServerConfiguration.info(threeTexts)
            configuration.messages["info"]?[1].listedSize = size
            configuration.messages["info"]?[2].listedSize = size
            if !isPipelined { configuration.extensions.remove(.pipelining) }
            try await POP3TestServer.withServer(configuration) { server in
                let sizes = try await makeStore(server).withSession { try await $0.messages().map(\.size) }
                #expect(sizes == [UInt64(threeTexts[0].utf8.count), size, size])
                #expect(try await makeStore(server).readAndDelete() == threeTexts)
                #expect(server.maildrop("info").isEmpty && server.violations.isEmpty)
            }
        }
    }

    @Test(arguments: [true, false])
    func `A message that vanishes behind the list is told, and the others are read`(_ isPipelined: Bool) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts)
        if !isPipelined { configuration.extensions.remove(.pipelining) }
        try await POP3TestServer.withServer(configuration) { server in
            try await makeStore(server).withSession { session in
                let ids = try await session.messages().map(\.id)
                #expect(server.remove(uid: "uid-2") == 1)
                let texts = try await session.read(ids)
                #expect(texts == [ids[0]: threeTexts[0], ids[2]: threeTexts[2]])
                let error = await failure { try await session.content(of: ids[1]).makeReader() }
                #expect(error?.code == .notFound, "\(String(describing: error))")
                try await session.delete([ids[0]])
            }
            #expect(server.maildrop("info").map(\.uid) == ["uid-3"] && server.violations.isEmpty)
        }
    }

    @Test func `A message without an end passes in small pieces, and can be given up`() async throws {
        let configuration = POP3ServerConfiguration.info(threeTexts).with(.at(.retr, .first, .endless()))
        try await POP3TestServer.withServer(configuration) { server in
            let store = try makeStore(server, limits(20_000))
            let task = Task(executorPreference: QueueExecutor.waiting) {
                try await store.withSession { session in
                    var reader = try await session.content(of: try await session.messages()[0].id).makeReader()
                    var most = 0
                    var total = 0
                    var piece: [UInt8] = []
                    while try await reader.read(into: &piece) {
                        most = max(most, piece.count)
                        total += piece.count
                        piece.removeAll(keepingCapacity: true)
                        if total > 48 << 20 { withUnsafeCurrentTask { $0?.cancel() } }
                    }
                    Issue.record("a message without an end has ended")
                }
            }
            let error = await failure { try await task.value }
            #expect(error?.code == .cancelled, "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(server.maildrop("info").count == 3)
        }
    }

    // MARK: Too many replies, and too few

    static let places: [POP3ServerFault.Place] = [.greeting, .capa, .auth, .utf8, .list, .uidl, .retr]

    @Test(arguments: places, [true, false])
    func `A reply that comes twice is noticed before anything is deleted`(
        _ place: POP3ServerFault.Place,
        _ isPipelined: Bool
    ) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts).with(.at(place, .first, .twice))
        if !isPipelined { configuration.extensions.remove(.pipelining) }
        _ = try await attempt(configuration)
    }

    @Test(arguments: places, [true, false])
    func `A reply that does not come ends in time, and nothing is deleted`(
        _ place: POP3ServerFault.Place,
        _ isPipelined: Bool
    ) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts).with(.at(place, .first, .lose))
        if !isPipelined { configuration.extensions.remove(.pipelining) }
        let (error, _) = try await attempt(configuration, limits(500), isAboutProtocol: false)
        // In one flight the next reply is taken for the lost one, and is none.
        let codes: [MailError.Code] = [.timedOut, .protocolViolation]
        #expect(error.map { codes.contains($0.code) } == true, "\(String(describing: error))")
    }

    @Test(arguments: ["+OK hello", "-ERR [SYS/TEMP] going down", "* BYE", ""])
    func `What the server says without having been asked ends the session`(_ text: String) async throws {
        let talk = POP3ServerFault.whenIdle(for: .seconds(3), saying: POP3ServerReply(text), .silence)
        try await POP3TestServer.withServer(.info(threeTexts).with(talk)) { server in
            let error = await failure {
                try await makeStore(server, limits(10_000)).withSession { session in
                    let ids = try await session.messages().map(\.id)
                    try await session.delete(ids)
                    try await eventually("the server to talk") { server.connections[0].faults.isEmpty ? nil : true }
                    try await Task.sleep(for: .milliseconds(100))
                    _ = try await session.read(ids)
                }
            }
            let code: MailError.Code = text.hasPrefix("-ERR") ? .unavailable : .protocolViolation
            #expect(error?.code == code, "\(String(describing: error))")
            #expect(server.maildrop("info").count == 3)
        }
    }
}
