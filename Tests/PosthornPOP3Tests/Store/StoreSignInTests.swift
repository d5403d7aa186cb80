import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// Every sign-in, with a server that checks it and notes what the client does against the protocol.
@Suite(.undisturbed) struct StoreSignInTests {
    /// Signs in, reads the list, and gives the commands of the session.
    private func commands(
        _ configuration: POP3ServerConfiguration,
        _ settings: String = "",
        signIn: String = "username: info, password: \(password)",
        tls: String = "",
        plugin: POP3Plugin = POP3Plugin()
    ) async throws -> [String] {
        try await POP3TestServer.withServer(configuration) { server in
            let store = try makeStore(server, settings, signIn: signIn, tls: tls, plugin: plugin)
            let texts = try await store.withSession { session in
                try await session.read(try await session.messages().map(\.id))
            }
            #expect(texts.count == configuration.messages["info"]?.count)
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
            return server.connections[0].commands
        }
    }

    @Test(arguments: [
        ("PLAIN", true), ("LOGIN", true), ("CRAM-MD5", false), ("SCRAM-SHA-256", true), ("SCRAM-SHA-256-PLUS", true),
    ])
    func `each mechanism signs in, in the clear to this computer and over TLS`(
        _ mechanism: String,
        _ isClientFirst: Bool
    ) async throws {
        let securities: [ServerSecurity] =
            mechanism.hasSuffix("PLUS") ? [.startTLS, .implicitTLS] : [.none, .startTLS, .implicitTLS]
        for security in securities {
            let heard = try await commands(.info(threeTexts, security), "mechanisms: [\(mechanism)]")
            let command = heard.first { $0.hasPrefix("AUTH") }
            // LOGIN has no initial response, and CRAM-MD5 cannot have one.
            let carries = isClientFirst && mechanism != "LOGIN" || command?.hasSuffix("<hidden>") == true
            #expect(command == (carries ? "AUTH \(mechanism) <hidden>" : "AUTH \(mechanism)"), "\(heard)")
        }
    }

    @Test func `the strongest mechanism is taken, and the next one where it is not offered`() async throws {
        let order = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5"]
        for (number, mechanism) in order.enumerated() {
            // USER stands for LOGIN where there is none.
            var configuration = POP3ServerConfiguration.info([], .implicitTLS).without(.user)
            configuration.mechanisms = order[number...].reversed() + ["XOAUTH2", "OAUTHBEARER"]
            let heard = try await commands(configuration)
            let isTaken = heard.contains("AUTH \(mechanism)") || heard.contains("AUTH \(mechanism) <hidden>")
            #expect(isTaken, "\(heard)")
        }
    }

    @Test(arguments: [ServerSecurity.none, .startTLS, .implicitTLS])
    func `USER and PASS sign in where there is no SASL, also to a server without CAPA`(
        _ security: ServerSecurity
    ) async throws {
        for configuration in [
            POP3ServerConfiguration.info(threeTexts, security).without(.sasl),
            .info(threeTexts, security).without(.sasl, .capa, .pipelining),
            .info(threeTexts, security).without(.sasl, .capa, .pipelining, .uidl, .top, .responseCodes),
        ] {
            let heard = try await commands(configuration)
            #expect(heard.contains("USER info") && heard.contains("PASS <hidden>"), "\(heard)")
        }
    }

    @Test func `APOP signs in when it is asked for, and only then`() async throws {
        let heard = try await commands(.info(threeTexts), "apop: yes")
        #expect(heard.contains("APOP info <hidden>"), "\(heard)")
        #expect(!heard.contains { $0.hasPrefix("PASS") || $0.hasPrefix("AUTH") })
        let other = try await commands(.info(threeTexts).without(.sasl))
        #expect(other.contains("PASS <hidden>") && !other.contains { $0.hasPrefix("APOP") }, "\(other)")
    }

    @Test func `APOP without a timestamp is an error that sends nothing`() async throws {
        // After STLS the timestamp from before is nobody's.
        for configuration in [POP3ServerConfiguration.info().without(.apop), .info([], .startTLS)] {
            try await POP3TestServer.withServer(configuration) { server in
                let store = try makeStore(server, "apop: yes")
                let error = await failure { try await store.openSession() }
                #expect(error?.code == .authenticationUnavailable, "\(String(describing: error))")
                #expect(!server.connections[0].commands.contains { $0.hasPrefix("APOP") || $0.hasPrefix("PASS") })
            }
        }
    }

    @Test func `XOAUTH2 goes in two lines, as Exchange wants it`() async throws {
        for takesInitialResponses in [false, true] {
            var configuration = POP3ServerConfiguration.info(threeTexts, .implicitTLS)
            configuration.takesInitialResponses = takesInitialResponses
            configuration.mechanisms = ["XOAUTH2"]
            let plugin = POP3Plugin(tokenProvider: { Secret(password) })
            let heard = try await commands(configuration, signIn: "username: info", plugin: plugin)
            #expect(heard.contains("AUTH XOAUTH2"), "\(heard)")
        }
    }

    @Test(arguments: [40, 4_000])
    func `OAUTHBEARER signs in with a token, long or short`(_ length: Int) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts, .implicitTLS)
        let token = String(repeating: "t", count: length)
        configuration.users = ["info": token]
        configuration.mechanisms = ["OAUTHBEARER", "PLAIN"]
        let heard = try await commands(configuration, signIn: "username: info, token: \(token)")
        // A command has 255 octets at most; a longer response comes after the challenge.
        #expect(heard.contains(length < 100 ? "AUTH OAUTHBEARER <hidden>" : "AUTH OAUTHBEARER"), "\(heard)")
    }

    @Test func `a client certificate signs in by EXTERNAL`() async throws {
        let authority = try CertificateAuthority.shared
        let client = try authority.issue(CertificateRequest(commonName: "info", purpose: .client))
        for security in [ServerSecurity.implicitTLS, .startTLS] {
            var configuration = POP3ServerConfiguration.info(threeTexts, security)
            configuration.clientAuthorityFile = authority.certificate.path
            configuration.mechanisms = ["PLAIN", "EXTERNAL"]
            let identity = ", certificate: '\(client.chain.path)', key: '\(client.key.path)'"
            let heard = try await commands(configuration, signIn: "username: info", tls: identity)
            #expect(heard.contains { $0.hasPrefix("AUTH EXTERNAL") }, "\(heard)")
        }
    }

    @Test func `a user name beyond ASCII signs in where the server says that it takes it`() async throws {
        for takesIt in [true, false] {
            var configuration = POP3ServerConfiguration.info([], .implicitTLS).without(.sasl)
            configuration.users = ["jürgen": password]
            // RFC 6856 section 2.1: the argument of the capability.
            if takesIt { configuration.falseCapabilities = ["UTF8 USER"] }
            try await POP3TestServer.withServer(configuration) { server in
                let store = try makeStore(server, signIn: "username: jürgen, password: \(password)")
                if takesIt {
                    #expect(try await store.withSession { try await $0.messages().isEmpty })
                } else {
                    let error = await failure { try await store.openSession() }
                    #expect(error?.code == .authenticationUnavailable, "\(String(describing: error))")
                }
                try await server.waitForDisconnects()
                #expect(server.connections[0].commands.contains("USER jürgen") == takesIt)
                #expect(server.violations.isEmpty, "\(server.violations)")
            }
        }
    }

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "USER", "APOP"])
    func `a wrong password is told as such, and is not in the error`(_ way: String) async throws {
        var configuration = POP3ServerConfiguration.info(threeTexts)
        configuration.users["info"] = "another"
        switch way {
        case "USER": configuration.extensions.remove(.sasl)
        case "APOP": break
        // LOGIN stands before CRAM-MD5, and USER for it.
        default:
            configuration.mechanisms = [way]
            configuration.extensions.remove(.user)
        }
        try await POP3TestServer.withServer(configuration) { server in
            let store = try makeStore(server, way == "APOP" ? "apop: yes" : "")
            let error = await failure { try await store.openSession() }
            #expect(error?.code == .authenticationFailed, "\(String(describing: error))")
            #expect(error?.message.contains("`username` and `password`") == true, "\(String(describing: error))")
            #expect(server.violations.isEmpty, "\(server.violations)")
            // A refused sign-in is not tried again by a weaker mechanism.
            #expect(server.connections[0].commands.filter { $0.hasPrefix("AUTH") || $0.hasPrefix("PASS") }.count <= 1)
        }
    }

    @Test func `a server that repeats the password has it hidden`() async throws {
        let answer = POP3ServerReply("-ERR [AUTH] no '\(password)' here")
        let configuration = POP3ServerConfiguration.info().without(.sasl).with(.at(.pass, .answer(answer)))
        try await POP3TestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server).openSession() }
            #expect(error?.code == .authenticationFailed)
            #expect(error?.message.contains("here") == true)
        }
    }
}
