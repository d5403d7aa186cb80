import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// What servers announce, and what is made of it.
@Suite(.undisturbed) struct ServerAbilitiesTests {
    /// Does something in a session with a server that must have nothing to complain about.
    private func session<Result>(
        _ configuration: POP3ServerConfiguration,
        _ settings: String = "",
        _ body: (POP3Session, POP3TestServer) async throws -> Result
    ) async throws -> (Result, [String]) {
        try await POP3TestServer.withServer(configuration) { server in
            let result = try await makeStore(server, settings).withSession { try await body($0, server) }
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
            return (result, server.connections[0].commands)
        }
    }

    @Test(
        arguments: [
            ("NEVER", POP3Capabilities.Expiry.never), ("0", .days(0)), ("30 USER", .days(30)), ("soon", nil),
            (nil, nil),
        ] as [(String?, POP3Capabilities.Expiry?)]
    )
    func `EXPIRE, LOGIN-DELAY and IMPLEMENTATION are values`(
        _ expire: String?,
        _ expected: POP3Capabilities.Expiry?
    ) async throws {
        var configuration = POP3ServerConfiguration.info()
        configuration.expire = expire
        configuration.loginDelay = 900
        configuration.implementation = "Shlemazle-Plotz v302"
        let (capabilities, _) = try await session(configuration) { session, _ in session.capabilities }
        #expect(capabilities.expiry == expected)
        #expect(capabilities.loginDelay == .seconds(900))
        #expect(capabilities.implementation == "Shlemazle-Plotz v302")
        #expect(capabilities.offers("resp-codes") && capabilities.isKnown)
    }

    @Test func `The check warns of a server that deletes by itself`() async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts)
        configuration.expire = "7"
        configuration.loginDelay = 60
        try await POP3TestServer.withServer(configuration) { server in
            let steps = await (try makeStore(server)).diagnose(DiagnosisRequest())
            let step = try #require(steps.first { $0.name == "capabilities" })
            #expect(step.verdict == .warning && step.finding.contains("7 days") && step.finding.contains("60"))
            #expect(steps.last?.name == "dry-run" && steps.last?.verdict == .ok, "\(steps)")
            #expect(server.violations.isEmpty && server.maildrop("info").count == 3)
        }
    }

    @Test(arguments: [true, false])
    func `UTF8 is switched on, and messages that need it come`(_ isPipelined: Bool) async throws {
        var configuration = POP3ServerConfiguration.info()
        var message = POP3ServerMessage(uid: "ü", text: "Subject: Grüße\r\n\r\n你好\r\n")
        message.requiresUTF8 = true
        configuration.messages["info"] = [message]
        if !isPipelined { configuration.extensions.remove(.pipelining) }
        let (texts, commands) = try await session(configuration) { session, _ in
            try await session.read(try await session.messages().map(\.id))
        }
        #expect(texts == [StoredMessage.ID("ü"): "Subject: Grüße\r\n\r\n你好\r\n"])
        #expect(commands.contains("UTF8"))
    }

    @Test func `A message that needs UTF8 is refused by itself where the server has none`() async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts).without(.utf8)
        configuration.messages["info"]?[1].requiresUTF8 = true
        let (texts, commands) = try await session(configuration) { session, _ in
            try await session.read(try await session.messages().map(\.id))
        }
        #expect(Set(texts.keys.map(\.description)) == ["uid-1", "uid-3"])
        #expect(!commands.contains("UTF8"))
    }

    @Test(arguments: [("de", true), ("tlh", true), (nil, true), ("de", false)] as [(String?, Bool)])
    func `LANG is said where it is wanted and offered, and a refusal does no harm`(
        _ language: String?,
        _ isOffered: Bool
    ) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts)
        if !isOffered { configuration.extensions.remove(.lang) }
        let settings = language.map { "language: \($0)" } ?? ""
        let (count, commands) = try await session(configuration, settings) { session, _ in
            try await session.messages().count
        }
        #expect(count == 3)
        #expect(commands.contains("LANG \(language ?? "")") == (language != nil && isOffered), "\(commands)")
    }

    @Test func `Capabilities of before STLS count for nothing`() async throws {
        let configuration = POP3ServerConfiguration.info(threeTexts, .startTLS)
        let (_, commands) = try await session(configuration) { session, _ in
            #expect(!session.capabilities.offers("STLS"))
            return try await session.messages().count
        }
        #expect(commands.firstIndex(of: "STLS") == 0, "\(commands)")
        #expect(commands.firstIndex(of: "CAPA") == 1, "\(commands)")
    }

    @Test func `UIDL and TOP that are announced behind the sign-in are used`() async throws {
        let hiding = POP3ServerFault.at(.capa, .first, .announce(hiding: ["UIDL", "TOP"]))
        let (ids, commands) = try await session(.info(threeTexts).with(hiding)) { session, _ in
            #expect(session.interface(.headers) != nil)
            return try await session.messages().map(\.id.description)
        }
        #expect(ids == ["uid-1", "uid-2", "uid-3"])
        #expect(commands.filter { $0 == "CAPA" }.count == 2)
    }

    @Test func `Capabilities that the settings ignore are not used`() async throws {
        let configuration = POP3ServerConfiguration.info(threeTexts).without(.pipelining)
        var lying = configuration
        lying.falseCapabilities = ["PIPELINING", "XTND whatever", "", "\u{1B}[2J"]
        let settings = "ignored-capabilities: [PIPELINING, TOP]"
        let (count, commands) = try await session(lying, settings) { session, _ in
            #expect(session.interface(.headers) == nil)
            return try await session.read(try await session.messages().map(\.id)).count
        }
        #expect(count == 3)
        #expect(commands.filter { $0.hasPrefix("RETR") }.count == 3)
    }

    @Test func `Headers come by TOP, many in one flight, and the messages that are refused are left out`() async throws
    {
        let refusal = POP3ServerFault.at(.top, .nth(2), .answer("-ERR no such message"))
        let (headers, commands) = try await session(.info(threeTexts).with(refusal)) { session, _ in
            let ids = try await session.messages().map(\.id)
            var headers: [String: String] = [:]
            let reading = try #require(session.interface(.headers))
            try await reading.readHeaders(of: ids, bodyLines: 0) { id, octets in
                headers[id.description] = String(decoding: octets, as: UTF8.self)
            }
            return headers
        }
        #expect(headers == ["uid-1": "Subject: 1\r\n\r\n", "uid-3": "Subject: 3\r\n\r\n"])
        #expect(commands.contains("TOP 1 0") && commands.contains("TOP 3 0") && !commands.contains("RETR 1"))
    }

    @Test(arguments: [1, 2, 5, 128])
    func `Many messages come whatever number may be in flight`(_ inFlight: Int) async throws {
        let texts = (1...60).map { "Subject: \($0)\r\n\r\n" + String(repeating: ".\r\n", count: $0) }
        let settings = "messages-in-flight: \(inFlight)"
        let (read, _) = try await session(.info(texts), settings) { session, _ in
            let ids = try await session.messages().map(\.id)
            let read = try await session.read(ids)
            try await session.delete(ids)
            return ids.map { read[$0] }
        }
        #expect(read == texts)
    }
}
