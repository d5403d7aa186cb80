import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Every sign-in, with a server that checks it and notes what the client does against the protocol.
@Suite(.undisturbed) struct StoreSignInTests {
    /// Signs in, reads the messages, and gives the commands of the session.
    private func commands(
        _ configuration: IMAPServerConfiguration,
        _ settings: String = "",
        signIn: String = "username: info, password: \(password)",
        tls: String = "",
        plugin: IMAPPlugin = IMAPPlugin()
    ) async throws -> [String] {
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server, settings, signIn: signIn, tls: tls, plugin: plugin)
            let texts = try await store.withSession { session in
                try await session.read(try await session.messages().map(\.id))
            }
            #expect(texts.values.sorted() == server.inbox.sorted())
            await store.close()
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
            return server.connections[0].commands
        }
    }

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], [true, false])
    func `Each mechanism signs in, with and without SASL-IR`(_ mechanism: String, _ hasSASLIR: Bool) async throws {
        let isBound = mechanism.hasSuffix("PLUS")
        for security in isBound ? [ServerSecurity.startTLS, .implicitTLS] : [.none, .startTLS, .implicitTLS] {
            var configuration = IMAPServerConfiguration.info(threeTexts, security)
            if !hasSASLIR { configuration = configuration.without(.saslIR) }
            let heard = try await commands(configuration, "mechanisms: [\(mechanism)]")
            let command = heard.first { $0.hasPrefix("AUTHENTICATE") }
            let isFirst = hasSASLIR && !["LOGIN", "CRAM-MD5"].contains(mechanism)
            #expect(command == "AUTHENTICATE \(mechanism)" + (isFirst ? " <hidden>" : ""), "\(heard)")
        }
    }

    @Test func `LOGIN signs in where no mechanism is offered`() async throws {
        for security in [ServerSecurity.none, .startTLS, .implicitTLS] {
            var configuration = IMAPServerConfiguration.info(threeTexts, security)
            configuration.mechanisms = []
            let heard = try await commands(configuration)
            #expect(heard.contains { $0.hasPrefix("LOGIN") }, "\(heard)")
            #expect(!heard.contains { $0.hasPrefix("AUTHENTICATE") }, "\(heard)")
        }
    }

    @Test(arguments: [true, false])
    func `A password of every kind of octet signs in by LOGIN`(_ hasLiteralPlus: Bool) async throws {
        var configuration = IMAPServerConfiguration.info(threeTexts)
        configuration.mechanisms = []
        configuration.users = ["info": "a \"b\\ {3} %*é\(password)"]
        if !hasLiteralPlus { configuration = configuration.without(.literalPlus) }
        let signIn = #"username: info, password: "a \"b\\ {3} %*é\#(password)""#
        let heard = try await commands(configuration, signIn: signIn)
        #expect(heard.contains { $0.hasPrefix("LOGIN") }, "\(heard)")
    }

    @Test func `Where LOGIN is disabled and nothing else is there, nothing is sent`() async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.mechanisms = []
        configuration.disablesLogin = true
        try await IMAPTestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server).openSession() }
            #expect(error?.code == .authenticationUnavailable, "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(!server.connections[0].commands.contains { $0.hasPrefix("LOGIN") })
        }
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"], [40, 9_000])
    func `A token signs in, long or short`(_ mechanism: String, _ length: Int) async throws {
        for hasSASLIR in [true, false] {
            var configuration = IMAPServerConfiguration.info(threeTexts, .implicitTLS)
            let token = String(repeating: "t", count: length)
            configuration.users = ["info": token]
            configuration.mechanisms = [mechanism]
            if !hasSASLIR { configuration = configuration.without(.saslIR) }
            let plugin = IMAPPlugin(tokenProvider: { Secret(token) })
            let heard = try await commands(configuration, signIn: "username: info", plugin: plugin)
            // A command longer than 8,000 octets is not understood everywhere: the response comes after the challenge.
            let isFirst = hasSASLIR && length < 8_000
            #expect(heard.contains("AUTHENTICATE \(mechanism)" + (isFirst ? " <hidden>" : "")), "\(heard)")
        }
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"], [true, false])
    func `A token that is not valid any more is told`(_ mechanism: String, _ hasSASLIR: Bool) async throws {
        var configuration = IMAPServerConfiguration.info(threeTexts, .implicitTLS)
        configuration.users = ["info": "another"]
        configuration.mechanisms = [mechanism]
        if !hasSASLIR { configuration = configuration.without(.saslIR) }
        try await IMAPTestServer.withServer(configuration) { server in
            let plugin = IMAPPlugin(tokenProvider: { Secret(password) })
            let error = await failure {
                try await makeStore(server, signIn: "username: info", plugin: plugin).openSession()
            }
            #expect(error?.code == .authenticationFailed, "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", ""])
    func `A wrong password is told as such, and is not in the error`(_ mechanism: String) async throws {
        var configuration = IMAPServerConfiguration.info()
        configuration.users = ["info": "another"]
        configuration.mechanisms = mechanism.isEmpty ? [] : [mechanism]
        try await IMAPTestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server).openSession() }
            #expect(error?.code == .authenticationFailed && error?.account == "imap", "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(server.violations.isEmpty, "\(server.violations)")
            // A refused sign-in is not tried again by a weaker mechanism.
            let tries = server.connections[0].commands.filter { $0.hasPrefix("AUTH") || $0.hasPrefix("LOGIN") }
            #expect(tries.count == 1, "\(tries)")
        }
    }

    @Test(arguments: [
        ("{tag} NO [AUTHENTICATIONFAILED] '\(password)'", MailError.Code.authenticationFailed),
        ("{tag} NO [UNAVAILABLE] later", .unavailable), ("{tag} NO [EXPIRED] old", .authenticationFailed),
        ("{tag} NO [PRIVACYREQUIRED] no", .encryptionUnavailable), ("{tag} NO [CONTACTADMIN] no", .refused),
        ("{tag} NO no", .authenticationFailed),
    ])
    func `What the server says of a sign-in is told`(_ answer: String, _ code: MailError.Code) async throws {
        for place in [IMAPServerFault.Place.login, .authenticate] {
            var configuration = IMAPServerConfiguration.info().with(.at(place, .answer(IMAPServerReply(answer))))
            configuration.mechanisms = place == .login ? [] : ["PLAIN"]
            try await IMAPTestServer.withServer(configuration) { server in
                let error = await failure { try await makeStore(server).openSession() }
                #expect(error?.code == code, "\(String(describing: error))")
            }
        }
    }

    @Test func `A refusal before the password has been sent is that of a sign-in`() async throws {
        var configuration = IMAPServerConfiguration.info().without(.literalPlus)
            .with(.at(.continuation, .first, .answer("{tag} NO no such user")))
        configuration.mechanisms = []
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server, signIn: "username: info, password: \(password)é")
            let error = await failure { try await store.openSession() }
            #expect(error?.code == .authenticationFailed, "\(String(describing: error))")
        }
    }

    @Test func `PREAUTH is taken where no encryption was wanted or TLS is there`() async throws {
        for security in [ServerSecurity.none, .implicitTLS] {
            for tellsCapabilities in [true, false] {
                var configuration = IMAPServerConfiguration.info(threeTexts, security)
                configuration.preauthenticatedUser = "info"
                configuration.tellsCapabilities = tellsCapabilities
                let heard = try await commands(configuration)
                #expect(!heard.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("LOGIN") }, "\(heard)")
            }
        }
    }

    @Test func `PREAUTH where STARTTLS was wanted is refused, and nothing is said`() async throws {
        var configuration = IMAPServerConfiguration.info(threeTexts, .startTLS)
        configuration.greeting = "* PREAUTH welcome"
        configuration.recordsOctets = true
        try await IMAPTestServer.withServer(configuration) { server in
            let error = await failure { try await makeStore(server).openSession() }
            #expect(error?.code == .encryptionUnavailable, "\(String(describing: error))")
            try await server.waitForDisconnects()
            #expect(server.connections[0].clearOctets.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `What is possible behind the sign-in is learnt anew`(_ tellsCapabilities: Bool) async throws {
        var configuration = IMAPServerConfiguration.info(threeTexts, .startTLS)
        configuration.tellsCapabilities = tellsCapabilities
        // Before it, MOVE is said to be there; behind it, it is not.
        configuration = configuration.without(.move).with(.at(.capability, .first, .announce(adding: ["MOVE"])))
        try await IMAPTestServer.withServer(configuration) { server in
            let store = try makeStore(server)
            try await store.withSession { session in
                #expect(!session.capabilities.offers("MOVE") && session.capabilities.offers("IDLE"))
            }
            await store.close()
            try await server.waitForDisconnects()
            let asked = server.connections[0].commands.count { $0 == "CAPABILITY" }
            #expect(asked == (tellsCapabilities ? 1 : 2), "\(server.connections[0].commands)")
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test func `A client certificate signs in by EXTERNAL`() async throws {
        let authority = try CertificateAuthority.shared
        let client = try authority.issue(CertificateRequest(commonName: "info", purpose: .client))
        for security in [ServerSecurity.implicitTLS, .startTLS] {
            var configuration = IMAPServerConfiguration.info(threeTexts, security)
            configuration.clientAuthorityFile = authority.certificate.path
            configuration.mechanisms = ["PLAIN", "EXTERNAL"]
            let identity = ", certificate: '\(client.chain.path)', key: '\(client.key.path)'"
            let heard = try await commands(configuration, signIn: "username: info", tls: identity)
            #expect(heard.contains { $0.hasPrefix("AUTHENTICATE EXTERNAL") }, "\(heard)")
        }
    }
}
