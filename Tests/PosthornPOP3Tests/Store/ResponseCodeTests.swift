import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// RESP-CODES and AUTH-RESP-CODE as kinds of failure (RFC 2449 section 8, RFC 3206).
@Suite(.undisturbed) struct ResponseCodeTests {
    @Test func `A mailbox that another session has is unavailable, and free when that one has ended`() async throws {
        try await POP3TestServer.withServer(.info(threeTexts)) { server in
            let store = try makeStore(server)
            let first = try await store.openSession()
            let error = await failure { try await store.openSession() }
            #expect(error?.code == .unavailable && error?.isRetryable == true, "\(String(describing: error))")
            #expect(error?.message.contains("another program has this mailbox open") == true)
            #expect(error?.account == "pop3")
            await first.abandon()
            #expect(try await store.withSession { try await $0.messages().count } == 3)
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `A sign-in that comes too soon is unavailable for now`() async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts)
        configuration.loginDelay = 3_600
        try await POP3TestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            #expect(try await store.readAndDelete() == threeTexts)
            let error = await failure { try await store.openSession() }
            #expect(error?.code == .unavailable && error?.isRetryable == true, "\(String(describing: error))")
            #expect(error?.message.contains("fetch less often") == true)
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test(arguments: [
        ("[SYS/TEMP] disk trouble", MailError.Code.unavailable, true), ("[SYS/PERM] mailbox broken", .refused, false),
        ("[AUTH] who?", .authenticationFailed, false), ("no code, so it is not the password", .refused, false),
        ("[in-use] small letters", .unavailable, true), ("[X-OTHER] what?", .refused, false),
    ])
    func `A sign-in that is refused is told by its code`(
        _ text: String,
        _ code: MailError.Code,
        _ isRetryable: Bool
    ) async throws {
        for configuration in [
            POP3ServerConfiguration.info(threeTexts).with(.at(.auth, .answer(POP3ServerReply("-ERR \(text)")))),
            .info(threeTexts).without(.sasl).with(.at(.pass, .answer(POP3ServerReply("-ERR \(text)")))),
        ] {
            try await POP3TestServer.withServer(configuration) { server in
                let error = await failure { try await makeStore(server).openSession() }
                #expect(error?.code == code && error?.isRetryable == isRetryable, "\(String(describing: error))")
                #expect(error?.reply?.text == text)
                #expect(server.maildrop("info").count == 3 && server.violations.isEmpty)
            }
        }
    }

    @Test func `Without AUTH-RESP-CODE a refusal without a code is about the password`() async throws {
        let configuration = POP3ServerConfiguration.info().without(.authResponseCode, .responseCodes)
            .with(.at(.auth, .answer("-ERR no")))
        try await POP3TestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server).openSession() }
            #expect(error?.code == .authenticationFailed, "\(String(describing: error))")
        }
    }

    static let places: [(POP3ServerFault.Place, String)] = [
        (.greeting, "SYS/TEMP"), (.list, ""), (.uidl, ""), (.list, "IN-USE"),
    ]

    @Test(arguments: places)
    func `A greeting or a list that is refused is unavailable for now`(
        _ place: POP3ServerFault.Place,
        _ code: String
    ) async throws {
        let text = code.isEmpty ? "not now" : "[\(code)] not now"
        let configuration = POP3ServerConfiguration.info(threeTexts)
            .with(.at(place, .answer(POP3ServerReply("-ERR \(text)"))))
        try await POP3TestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server).readAndDelete() }
            #expect(error?.code == .unavailable && error?.isRetryable == true, "\(String(describing: error))")
            #expect(server.maildrop("info").count == 3 && server.violations.isEmpty)
        }
    }

    @Test(arguments: [
        ("[SYS/TEMP] disk trouble", MailError.Code.unavailable), ("[SYS/PERM] file broken", .refused),
        ("gone", .notFound),
    ])
    func `A message that is refused is told by its code, and the others are read`(
        _ text: String,
        _ code: MailError.Code
    ) async throws {
        for isPipelined in [true, false] {
            var configuration = POP3ServerConfiguration.info(threeTexts)
                .with(.at(.retr, .answer(POP3ServerReply("-ERR \(text)"))).onMessage(.nth(2)))
            if !isPipelined { configuration.extensions.remove(.pipelining) }
            try await POP3TestServer.withServer(configuration) { server in
                try await makeStore(server).withSession { session in
                    let ids = try await session.messages().map(\.id)
                    var results: [String] = []
                    try await session.readEach(ids) { _, reader in
                        var octets: [UInt8] = []
                        do {
                            while try await reader.read(into: &octets) {}
                            results.append(String(decoding: octets, as: UTF8.self))
                        } catch let error as MailError {
                            results.append(error.code.description)
                        }
                    }
                    #expect(results == [threeTexts[0], code.description, threeTexts[2]])
                    let alone = await failure { try await session.content(of: ids[1]).makeReader() }
                    #expect(alone?.code == code && alone?.account == "pop3", "\(String(describing: alone))")
                }
                #expect(server.violations.isEmpty, "\(server.violations)")
            }
        }
    }
}
