import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MboxConformanceTests {
    @Test(arguments: [nil, "From a@b Mon Mar  2 10:00:00 2026\nSubject: old\n\nbody\n"])
    func `An mbox keeps the contract`(text: String?) async throws {
        let place = try await TemporaryMbox(text)
        var suite = StoreConformance(place.mbox) { octets in
            try await place.mbox.withSession { _ = try await $0.append(.bytes(octets), flags: []) }
        }
        // The file is read anew for every session: a large message takes its time without optimization.
        suite.largeContentSize = 1 << 20
        try await suite.run()
        #expect(try place.names() == ["box"])
    }
}
