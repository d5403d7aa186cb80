import Foundation
import TestSupport
import Testing

/// docs/smtp-features.md, docs/pop3-features.md and docs/mime-features.md: what they say of Posthorn names tests that exist.
@Suite(.undisturbed) struct FeatureTableTests {
    /// What Posthorn's column says of a feature, and the tests that it names: `[Suite](../path) `test`, `test`; …`.
    private struct Claim {
        var feature: String
        var verdict: String
        /// How many links to tests the cell has.
        var links = 0
        var tests: [(suite: String, path: String, names: [String])] = []
    }

    private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardized
    private static let verdicts = ["yes", "partly", "no"]

    private func claims(_ name: String) throws -> [Claim] {
        let page = try String(contentsOf: Self.repository.appending(path: "docs/\(name)"), encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: " | ", omittingEmptySubsequences: false)
            guard line.hasPrefix("| "), cells.count > 2 else { return nil }
            let verdict = String(cells[1].prefix { $0.isLetter })
            // The other tables have no such column.
            guard Self.verdicts.contains(verdict) else { return nil }
            var claim = Claim(feature: String(cells[0].dropFirst(2)), verdict: verdict)
            claim.links = cells[1].matches(of: /\]\(\.\.\/Tests/).count
            for match in cells[1].matches(of: /\[(\w+)\]\(\.\.\/(Tests\/[\w\/]+\.swift)\)((?:,? `[^`]+`)+)/) {
                let names = match.3.matches(of: /`([^`]+)`/).map { String($0.1) }
                claim.tests.append((String(match.1), String(match.2), names))
            }
            return claim
        }
    }

    @Test(arguments: [
        // 24 extensions, 11 habits of sending, 15 lines about the sign-in.
        ("smtp-features.md", 50), ("pop3-features.md", 17), ("mime-features.md", 22),
    ])
    func `the page has every line, and nothing is claimed without a test`(_ page: String, _ count: Int) throws {
        let claims = try claims(page)
        #expect(claims.count == count, "\(claims.map(\.feature))")
        #expect(Set(claims.map(\.feature)).count == claims.count)
        for claim in claims where claim.verdict != "no" {
            #expect(!claim.tests.isEmpty, "\(claim.feature) names no test")
            #expect(claim.tests.count == claim.links, "\(claim.feature) has a link without the name of a test")
        }
    }

    @Test(arguments: [
        ("smtp-features.md", true), ("pop3-features.md", true), ("mime-features.md", false),
    ])
    func `every test that the page names exists, in a file that talks to a server`(
        _ page: String,
        _ isAboutServers: Bool
    ) throws {
        // The last two stand for Dovecot behind the tool, and for a store of any kind that a test brings along.
        let servers = [
            "MailServers", "SMTPTestServer", "POP3TestServer", "TranscriptServer", "SMTPSink", "TLSClient",
            "FetchStage", "MailFetcher",
        ]
        for claim in try claims(page) {
            for (suite, path, names) in claim.tests {
                let file = Self.repository.appending(path: path)
                let source = try #require(try? String(contentsOf: file, encoding: .utf8), "there is no \(path)")
                #expect(source.contains("struct \(suite) {"), "\(path) has no \(suite)")
                #expect(!isAboutServers || servers.contains { source.contains($0) }, "\(path) talks to no server")
                // `@Test(` and the name, on the same line or the next; a text elsewhere in the file does not count.
                let shown = source.matches(of: /@Test\(\s*"([^"]+)"/).map { String($0.1) }
                for name in names {
                    let isThere = source.contains("func `\(name)`(") || shown.contains(name)
                    #expect(isThere, "\(claim.feature): \(path) has no test '\(name)'")
                }
            }
        }
    }
}
