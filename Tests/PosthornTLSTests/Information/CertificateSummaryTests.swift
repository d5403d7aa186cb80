import Foundation
import PosthornTLS
import TestSupport
import Testing

@Suite(.computing) struct CertificateSummaryTests {
    @Test func `names, addresses, dates and pin of a certificate are shown`() throws {
        let pair = try Setup.shake(
            .init(
                names: ["mail.example.org", "*.example.net"],
                addresses: ["192.0.2.1", "2001:db8::a:0:0:1", "::", "1::"],
                commonName: "Küche, Muster\u{202E}",
                notBefore: Date(timeIntervalSince1970: 1_709_208_000),
                notAfter: Date(timeIntervalSince1970: 4_102_444_799)
            )
        )
        let summary = try #require(pair.client.information?.certificates.first)
        #expect(summary.names.filter { !$0.isAddress }.map(\.text) == ["mail.example.org", "*.example.net"])
        #expect(
            summary.names.filter(\.isAddress).map(\.text) == ["192.0.2.1", "2001:db8::a:0:0:1", "::", "1::"]
        )
        #expect(summary.notBefore?.description == "29 February 2024")
        #expect(summary.notBefore?.secondsSince1970 == 1_709_208_000)
        #expect(summary.notAfter?.description == "31 December 2099")
        #expect(summary.notAfter?.secondsSince1970 == 4_102_444_799)
        #expect(summary.subject.contains("Küche"))
        #expect(!summary.subject.unicodeScalars.contains("\u{202E}"))
        #expect(summary.pin.count == 44)
        #expect(summary.der.first == 0x30)
    }
}
