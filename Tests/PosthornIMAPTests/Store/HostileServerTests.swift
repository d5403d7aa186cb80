import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornIMAP

/// Servers, and people between, that say what they must not. Each ends with a typed error; nothing is lost, and no message
/// stands under the name of another.
@Suite(.undisturbed) struct HostileServerTests {
    /// Reads and deletes everything; what was read is true, and what is neither read nor there is lost.
    @discardableResult
    private func attempt(
        _ configuration: IMAPServerConfiguration,
        _ settings: String = limits(10_000),
        code: MailError.Code? = .protocolViolation,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> (error: MailError?, commands: [String]) {
        try await IMAPTestServer.withServer(configuration) { server in
            let texts = Set(server.inbox)
            let store = try makeStore(server, settings)
            let read = Mutex<[String]>([])
            let error = await failure(sourceLocation: sourceLocation) {
                try await store.readAndDelete { text in read.withLock { $0.append(text) } }
                if code == nil { throw MailError(.misuse, "no error") }
            }
            await store.close()
            try await server.waitForDisconnects()
            let found = read.withLock { $0 }
            #expect(texts.isSuperset(of: found), "\(found)", sourceLocation: sourceLocation)
            #expect(Set(found).count == found.count, "twice", sourceLocation: sourceLocation)
            #expect(Set(found + server.inbox) == texts, "lost", sourceLocation: sourceLocation)
            if let code {
                let isExpunged = server.connections.contains { $0.commands.contains { $0.contains("EXPUNGE") } }
                #expect(isExpunged || server.inbox.count == texts.count, "deleted", sourceLocation: sourceLocation)
                let comment = Comment(rawValue: String(describing: error))
                #expect(error?.code == code, comment, sourceLocation: sourceLocation)
                if code == .protocolViolation { #expect(error?.isRetryable == false, sourceLocation: sourceLocation) }
            }
            return (error, server.connections.first?.commands ?? [])
        }
    }

    // MARK: Before the sign-in

    @Test(arguments: [
        IMAPServerFault.Act.answer("{tag} NO no"), .answer("{tag} BAD what"), .answer("* BYE"), .answer("+ go on"),
        .end(.close), .surplus("* CAPABILITY IMAP4rev1 AUTH=PLAIN"), .surplus("x"), .twice, .retag("z"),
    ])
    func `Whatever STARTTLS is answered with, nothing else is said in the clear`(_ act: IMAPServerFault.Act)
        async throws
    {
        var configuration = IMAPServerConfiguration.info(threeTexts, .startTLS).with(.at(.startTLS, act))
        configuration.recordsOctets = true
        try await IMAPTestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server, limits(1_000)).readAndDelete() }
            let codes: [MailError.Code] = [
                .encryptionUnavailable, .protocolViolation, .connectionLost, .unavailable, .timedOut, .tlsFailed,
            ]
            if let error { #expect(codes.contains(error.code), "\(error)") }
            try await server.waitForDisconnects()
            let connection = try #require(server.connections.first)
            let clear = String(decoding: connection.clearOctets, as: UTF8.self)
            #expect(
                !clear.contains("info") && !clear.contains("AUTH") && !clear.contains("LOGIN"),
                "\(clear.debugDescription)"
            )
        }
    }

    @Test func `A server that has no STARTTLS gets no name and no password`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            let store = try makeStore(port: server.port, "username: info, password: \(password)", security: "starttls")
            let error = await failure { try await store.openSession() }
            #expect(error?.code == .encryptionUnavailable, "\(String(describing: error))")
            #expect(error?.message.contains("security: tls") == true)
            try await server.waitForDisconnects()
            #expect(server.connections.map(\.commands) == [["STARTTLS"]])
        }
    }

    @Test(arguments: [
        "220 mail.example.org ESMTP", "+OK POP3", "HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH_9.2", "* NO no",
        "* OKAY", "\u{1B}[2J\u{7}", "\u{16}\u{3}\u{1}", "p1 OK", "* 1 EXISTS", "+ go on",
    ])
    func `A greeting of something else is none`(_ greeting: String) async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.greeting = IMAPServerReply(greeting)
        let (_, commands) = try await attempt(configuration)
        #expect(commands.isEmpty)
    }

    @Test func `A server that greets with BYE is unavailable`() async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.greeting = "* BYE too many connections"
        let (error, commands) = try await attempt(configuration, code: .unavailable)
        #expect(error?.message.contains("too many connections") == true && commands.isEmpty)
    }

    @Test func `A server of another protocol version is not talked to`() async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.greeting = "* OK [CAPABILITY IMAP2 AUTH=PLAIN] hello"
        try await attempt(configuration, code: .unsupported)
    }

    // MARK: Replies of all kinds

    static let places: [IMAPServerFault.Place] = [
        .greeting, .capability, .authenticate, .select, .fetch, .store, .expunge,
    ]

    /// With all places in it.
    private func configuration(_ place: IMAPServerFault.Place, _ act: IMAPServerFault.Act) -> IMAPServerConfiguration {
        var configuration = IMAPServerConfiguration.info().with(.at(place, .first, act))
        configuration.tellsCapabilities = false
        configuration.mechanisms = ["PLAIN"]
        return configuration
    }

    @Test(arguments: places)
    func `A line without an end is refused before it fills the memory`(_ place: IMAPServerFault.Place) async throws {
        try await attempt(configuration(place, .endless()))
    }

    @Test(arguments: places.dropFirst())
    func `An answer with another tag is no answer`(_ place: IMAPServerFault.Place) async throws {
        // In a sign-in, `+` is a challenge.
        for tag in ["x1", "P1", "p999"] + (place == .authenticate ? [] : ["+"]) {
            try await attempt(configuration(place, .retag(tag)))
        }
    }

    @Test(arguments: places.dropFirst())
    func `Responses to one command have an end`(_ place: IMAPServerFault.Place) async throws {
        let flood = IMAPServerReply(octets: Array(String(repeating: "* OK flood\r\n", count: 21_000).utf8))
        try await attempt(configuration(place, .precede(flood)))
    }

    @Test(
        arguments: places.dropFirst(),
        [
            "* 1 FETCH (FLAGS (\\Seen)", "* 1 FETCH (FLAGS (\\Seen)))", "* 1 FETCH ((((((((UID 1))))))))", "* LIST ((",
            "* 99999999999 EXISTS", "* -1 EXISTS", "* 1 FETCH (UID 99999999999)", "* 1 FETCH (BODY[] {-1}",
            "* 1 FETCH (BODY[] {99999999999999999999}", "* 1 FETCH (BODY[ {1}", "\u{0}", "* OK [UIDVALIDITY x] y\u{0}",
        ]
    )
    func `What cannot be read ends the session`(_ place: IMAPServerFault.Place, _ line: String) async throws {
        let configuration = configuration(place, .precede(IMAPServerReply(line)))
        // Some of it is passed over as an unknown response would be; then nothing is lost either.
        try await attempt(configuration, limits(1_000), code: nil)
    }

    @Test(arguments: places.dropFirst())
    func `BYE in the middle is unavailable, and can be tried again`(_ place: IMAPServerFault.Place) async throws {
        let bye = IMAPServerReply("* BYE going down")
        for isAnswered in [true, false] {
            let act = isAnswered ? IMAPServerFault.Act.bye("going down") : .answer(bye)
            let end = IMAPServerFault.at(place, .first, .endAfterReply(.close))
            var configuration = IMAPServerConfiguration.info().with(.at(place, .first, act), end)
            configuration.tellsCapabilities = false
            try await IMAPTestServer.withServer(configuration) { server in
                let error = await failure {
                    try await makeStore(server, limits(10_000)).readAndDelete()
                    // The last answer was a true one: all that had to be done was said to be done.
                    if isAnswered, place == .expunge { throw MailError(.unavailable, "going down") }
                }
                #expect(error?.code == .unavailable && error?.isRetryable == true, "\(String(describing: error))")
                #expect(error?.message.contains("going down") == true, "\(String(describing: error))")
                #expect(server.inbox == (isAnswered && place == .expunge ? [] : threeTexts))
            }
        }
    }

    @Test func `Messages behind which the connection breaks are not deleted`() async throws {
        for place in [IMAPServerFault.Place.select, .fetch, .store] {
            for ending in [ServerEnding.close, .cut, .reset] {
                let configuration = IMAPServerConfiguration.info(threeTexts, .implicitTLS)
                    .with(.at(place, .unterminated(ending)))
                let (error, _) = try await attempt(configuration, code: .connectionLost)
                #expect(error?.isRetryable == true)
            }
        }
    }

    // MARK: Lists

    @Test(arguments: [
        "* 1 FETCH (UID 0 RFC822.SIZE 5)", "* 0 FETCH (UID 1 RFC822.SIZE 5)", "* 1 FETCH (RFC822.SIZE 5)",
        "* 4294967295 FETCH (UID 1 RFC822.SIZE 5)", "* 1 FETCH (UID 4294967295 RFC822.SIZE 18446744073709551615)",
        "* 1 FETCH (UID 2 RFC822.SIZE 5)\n* 2 FETCH (UID 2 RFC822.SIZE 9)", "* 1 FETCH (UID 3)\n* 2 FETCH (UID 1)",
        "* 0 EXPUNGE", "* 4294967295 EXPUNGE", "* 1 EXPUNGE\n* 1 EXPUNGE\n* 1 EXPUNGE\n* 1 EXPUNGE",
        "* 4294967295 EXISTS", "* 0 EXISTS", "* VANISHED 1:4294967295", "* VANISHED (EARLIER) 1:4294967295",
        "* 1 FETCH (UID 1 RFC822.SIZE 5)\n* 9 EXPUNGE", "* SEARCH 1 2 3", "* ESEARCH UID ALL 1:4294967295",
    ])
    func `A list that lies makes nothing of a message that it is not`(_ lines: String) async throws {
        for isInFront in [true, false] {
            let reply = IMAPServerReply(isInFront ? lines : lines + "\n{tag} OK done")
            let act = isInFront ? IMAPServerFault.Act.precede(reply) : .answer(reply)
            try await attempt(.info().with(.at(.fetch, .first, act)), limits(2_000), code: nil)
        }
    }

    // MARK: Messages

    static let octets = String(repeating: "0123456789\r\n", count: 8_000)

    @Test(arguments: [
        "* 1 FETCH (BODY[] {5}\nhello)", "* 1 FETCH (UID 1 BODY[HEADER] {5}\nhello)",
        "* 1 FETCH (UID 1 BODY[]<3> {5}\nhello)", "* 1 FETCH (UID 1 BINARY[] {5}\nhello)",
        "* 1 FETCH (UID 1 BODY[TEXT] {5}\nhello)", "* 1 FETCH (UID 1 BODY[] {5}\nhello BODY[] {5}\nhallo)",
        "* 1 FETCH (BODY[] {96000}\n\(octets))", "* 1 FETCH (BODY[] {96000}\n\(octets) UID 2)",
        "* 1 FETCH (UID 1 BODY[] {96000}\n\(octets) UID 2)", "* 1 FETCH (UID 1 BODY[HEADER] {96000}\n\(octets))",
        "* 1 FETCH (UID 1 BODY[]<9> {96000}\n\(octets))", "* 9 FETCH (BODY[] {96000}\n\(octets))",
        "* 1 FETCH (UID 1 BODY[] {96000}\n\(octets) BODY[] {96000}\n\(octets))",
    ])
    func `Octets that do not belong to a message are not taken for it`(_ response: String) async throws {
        let reply = IMAPServerReply(response + "\n{tag} OK done")
        // The second FETCH is that of messages.
        try await attempt(.info().with(.at(.fetch, .nth(2), .answer(reply))))
    }

    @Test func `A message that was not asked for, or comes twice, is passed over`() async throws {
        let other = "* 9 FETCH (UID 99 BODY[] {5}\nhello)"
        let large = "* 9 FETCH (UID 99 BODY[] {96000}\n\(Self.octets))"
        let first = "* 1 FETCH (UID 1 BODY[] {\(threeTexts[0].utf8.count)}\n\(threeTexts[0]))"
        for lines in [other, large, first] {
            for act in [
                IMAPServerFault.Act.precede(IMAPServerReply(octets: wire(lines))),
                .insert(IMAPServerReply(octets: wire(lines))),
            ] {
                try await IMAPTestServer.withServer(.info().with(.at(.fetch, .nth(2), act))) { server in
                    try await makeStore(server).withSession { session in
                        let ids = try await session.messages().map(\.id)
                        let texts = try await session.read(ids)
                        #expect(ids.map { texts[$0] } == threeTexts)
                    }
                    #expect(server.violations.isEmpty)
                }
            }
        }
    }

    /// Line feeds that are alone get a CR, others stay.
    private func wire(_ lines: String) -> [UInt8] {
        var normalizer = LineEndNormalizer()
        return normalizer.normalized(Array(lines.utf8)) + normalizer.finish() + [13, 10]
    }

    @Test(arguments: [10, 100_000]) func `Messages in an order of the server's own come as they were asked for`(
        _ size: Int
    ) async throws {
        let texts = (1...4).map { "Subject: \($0)\r\n\r\n" + String(repeating: "\($0)", count: size) + "\r\n" }
        let bodies = [3, 1, 4].map {
            "* \($0) FETCH (UID \($0) BODY[] {\(texts[$0 - 1].utf8.count)}\n\(texts[$0 - 1]))\n"
        }
        let reply = IMAPServerReply(octets: wire(bodies.joined() + "{tag} OK done"))
        try await IMAPTestServer.withServer(.info(texts).with(.at(.fetch, .nth(2), .answer(reply)))) { server in
            try await makeStore(server).withSession { session in
                let ids = try await session.messages().map(\.id)
                var order: [StoredMessage.ID] = []
                var read: [String?] = []
                try await session.readEach(ids) { id, reader in
                    order.append(id)
                    var octets: [UInt8] = []
                    do {
                        while try await reader.read(into: &octets) {}
                        read.append(String(decoding: octets, as: UTF8.self))
                    } catch let error as MailError where error.code == .notFound { read.append(nil) }
                }
                #expect(order == ids)
                #expect(read == [texts[0], nil, texts[2], texts[3]])
                #expect(try await session.read(ids).count == 4)
            }
            #expect(server.violations.isEmpty)
        }
    }

    @Test(arguments: [10, 100_000]) func `A UID behind the octets counts, and NO for those that are gone is no failure`(
        _ size: Int
    ) async throws {
        let texts = (1...2).map { "Subject: \($0)\r\n\r\n" + String(repeating: "\($0)", count: size) + "\r\n" }
        let body = "* 1 FETCH (BODY[] {\(texts[0].utf8.count)}\n\(texts[0]) UID 1)\n"
        let reply = IMAPServerReply(octets: wire(body + "{tag} NO [EXPUNGEISSUED] the other is gone"))
        try await IMAPTestServer.withServer(.info(texts).with(.at(.fetch, .nth(2), .answer(reply)))) { server in
            try await makeStore(server).withSession { session in
                let ids = try await session.messages().map(\.id)
                let read = try await session.read(ids)
                #expect(read == [ids[0]: texts[0]])
            }
            #expect(server.violations.isEmpty)
        }
    }

    @Test(arguments: [UInt64(0), 5, 1 << 32, .max])
    func `A literal of another size than it says loses nothing`(_ size: UInt64) async throws {
        try await attempt(.info().with(.at(.fetch, .nth(2), .literalSize(size))), limits(700), code: nil)
    }

    @Test(arguments: ["-1", "", "x", "99999999999999999999", "5+", "5 ", "0x5"])
    func `A literal whose size is no number ends the session`(_ size: String) async throws {
        try await attempt(.info().with(.at(.fetch, .nth(2), .literalSize(text: size))), limits(2_000), code: nil)
    }

    @Test(arguments: [UInt64(0), 1, 5, 1_000_000, 1 << 40, .max])
    func `A listed size that is not true changes nothing about what is read`(_ size: UInt64) async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.mailboxes["info"]?[0].messages[1].listedSize = size
        configuration.mailboxes["info"]?[0].messages[2].listedSize = size
        try await attempt(configuration, code: nil)
    }

    @Test func `A message without an end passes in small pieces, and can be given up`() async throws {
        let start = "* 1 FETCH (UID 1 BODY[] {4000000000}\r\n"
        let configuration = IMAPServerConfiguration.info().with(.at(.fetch, .nth(2), .endless(after: start)))
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server, limits(20_000))
            let task = Task(executorPreference: QueueExecutor.waiting) {
                try await store.withSession { session in
                    var reader = try await session.content(of: try await session.messages()[0].id).makeReader()
                    var total = 0
                    var piece: [UInt8] = []
                    while try await reader.read(into: &piece) {
                        #expect(piece.count <= 1 << 20)
                        total += piece.count
                        piece.removeAll(keepingCapacity: true)
                        if total > 16 << 20 { withUnsafeCurrentTask { $0?.cancel() } }
                    }
                    Issue.record("a message without an end has ended")
                }
            }
            let error = await failure { try await task.value }
            #expect(error?.code == .cancelled, "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(server.inbox.count == 3)
        }
    }

    @Test func `A message that another client deletes meanwhile is told, and the others are read`() async throws {
        try await IMAPTestServer.withServer(.info()) { server in
            try await makeStore(server).withSession { session in
                let ids = try await session.messages().map(\.id)
                server.expunge(uid: 2, of: "info")
                let texts = try await session.read(ids)
                #expect(texts == [ids[0]: threeTexts[0], ids[2]: threeTexts[2]])
                let error = await failure { try await session.content(of: ids[1]).makeReader() }
                #expect(error?.code == .notFound, "\(String(describing: error))")
                try await session.delete([ids[0]])
            }
            #expect(server.inbox == [threeTexts[2]] && server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `An expunge where it must not come moves no message under another's name`() async throws {
        for act in [IMAPServerFault.Act.precede("* 1 EXPUNGE"), .insert("* 2 EXPUNGE\n* 1 EXPUNGE")] {
            try await attempt(.info().with(.at(.fetch, act)), code: nil)
        }
    }
}
