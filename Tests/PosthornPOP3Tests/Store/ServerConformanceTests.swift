import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// The contract of stores, kept with servers of every kind. The server notes what a client does against the protocol.
@Suite(.undisturbed) struct ServerConformanceTests {
    enum Variant: String, CaseIterable, Sendable {
        case plain, stls, tls
        case withoutPipelining, stlsWithoutPipelining, withoutTOP, withoutCAPA

        var configuration: POP3ServerConfiguration {
            switch self {
            case .plain: .info()
            case .stls: .info([], .startTLS)
            case .tls: .info([], .implicitTLS)
            case .withoutPipelining: .info().without(.pipelining)
            case .stlsWithoutPipelining: .info([], .startTLS).without(.pipelining, .sasl)
            case .withoutTOP: .info().without(.top)
            case .withoutCAPA: .info().without(.capa, .pipelining)
            }
        }
    }

    private func check(
        _ configuration: POP3ServerConfiguration,
        _ rules: [StoreConformance.Rule] = StoreConformance.Rule.all,
        uid: @escaping @Sendable () -> String = { "uid-\(UInt64.random(in: 0...UInt64.max))" }
    ) async throws {
        try await POP3TestServer.withServer(configuration) { server in
            var suite = StoreConformance(try makeStore(server)) { server.deliver($0, uid: uid(), to: "info") }
            suite.secrets = [password]
            suite.largeContentSize = 512 << 10
            try await suite.run(rules)
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }

    @Test(arguments: Variant.allCases) func `The store keeps the contract`(_ variant: Variant) async throws {
        try await check(variant.configuration)
    }

    /// Names of a session alone: what the contract says of names that last cannot hold, nor what needs them in order to
    /// find a message in a list.
    static let rulesWithoutNames: [StoreConformance.Rule] = [
        .listingOrder, .stableNames, .truthfulSizes, .contentUnchanged, .contentRepeatable, .contentsInTurn,
        .largeContent, .unknownName, .untouchedByReading, .endedSession, .sessionsInTurn, .steadyInterfaces, .headers,
    ]

    @Test func `Without UIDL everything holds that needs no lasting names`() async throws {
        try await check(.info().without(.uidl), Self.rulesWithoutNames)
        try await check(.info().without(.uidl, .capa, .pipelining), Self.rulesWithoutNames)
    }

    @Test func `With doubled UIDLs everything holds that needs no lasting names`() async throws {
        var configuration = POP3ServerConfiguration.info()
        // One alone would have a name for good, until the next one comes.
        let doubled = POP3ServerMessage(uid: "doubled", text: "Subject: x\r\n\r\n")
        configuration.messages["info"] = [doubled, doubled]
        try await check(configuration, Self.rulesWithoutNames) { "doubled" }
    }
}
