import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// The contract of stores, kept with servers of every kind. The server notes what a client does against the protocol.
@Suite(.undisturbed) struct ServerConformanceTests {
    enum Variant: String, CaseIterable, Sendable {
        case plain, startTLS, tls
        case withoutUIDPLUS, withoutLiterals, withoutUNSELECT, withoutSearches, withoutLists, withoutIDLE, bare, rev2

        var configuration: IMAPServerConfiguration {
            var configuration = IMAPServerConfiguration.info([])
            switch self {
            case .plain: break
            case .startTLS: configuration.security = .startTLS
            case .tls: configuration.security = .implicitTLS
            case .withoutUIDPLUS: return configuration.without(.uidPlus)
            case .withoutLiterals: return configuration.without(.literalPlus, .saslIR)
            case .withoutUNSELECT: return configuration.without(.unselect, .move)
            case .withoutSearches: return configuration.without(.esearch, .searchRes, .condstore)
            case .withoutLists: return configuration.without(.specialUse, .listExtended, .listStatus, .namespace)
            case .withoutIDLE: return configuration.without(.idle, .enable)
            case .bare:
                configuration.extensions = [.imap4rev1]
                configuration.tellsCapabilities = false
                configuration.separator = "."
            case .rev2:
                configuration.extensions = [.imap4rev1, .imap4rev2, .literalMinus, .enable]
            }
            return configuration
        }
    }

    @Test(arguments: Variant.allCases) func `The store keeps the contract`(_ variant: Variant) async throws {
        try await IMAPTestServer.withServer(variant.configuration) { server in
            let waiting = IMAPStore.Waiting(pollInterval: .milliseconds(100))
            let store = try makeStore(server, waiting: waiting)
            var suite = StoreConformance(store) { octets in
                server.deliver(IMAPServerMessage(content: ServerContent(octets)), of: "info")
            }
            suite.secrets = [password]
            suite.largeContentSize = 512 << 10
            try await suite.run()
            await store.close()
            #expect(server.violations.isEmpty, "\(server.violations)")
        }
    }
}
