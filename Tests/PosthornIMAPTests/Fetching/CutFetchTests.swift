import Foundation
import Posthorn
import PosthornMailbox
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// The connection ends after every few octets, in both directions, while messages are fetched into a Maildir; then the
/// fetch is run again. Nothing is lost and nothing comes twice.
///
/// With `POSTHORN_FULL=1` in the environment every variant is cut after every octet, and the figures are printed.
@Suite(.undisturbed) struct CutFetchTests {
    struct Variant: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var security = ServerSecurity.none
        var keeping = FetchPolicy.Keeping.no
        var hasUIDPLUS = true
        /// The distance of two cuts in the short form.
        var stride: Int
        var ending = ServerEnding.cut

        /// Small, so that a session is short: what is announced is part of it.
        var configuration: IMAPServerConfiguration {
            var configuration = IMAPServerConfiguration.info(CutFetchTests.texts, security)
            configuration.extensions = [.imap4rev1, .uidPlus, .unselect]
            if !hasUIDPLUS { configuration.extensions.remove(.uidPlus) }
            configuration.mechanisms = []
            configuration.greeting = "* OK"
            configuration.hostName = "t"
            if security != .none { configuration.certificate = CutFetchTests.certificate }
            return configuration
        }
    }

    static let variants = [
        Variant(testDescription: "deleting", stride: 9),
        Variant(testDescription: "deleting, TLS", security: .implicitTLS, stride: 71),
        Variant(testDescription: "deleting, STARTTLS", security: .startTLS, stride: 97, ending: .close),
        Variant(testDescription: "deleting, without UIDPLUS", hasUIDPLUS: false, stride: 37, ending: .reset),
        Variant(testDescription: "keeping", keeping: .yes, stride: 53),
    ]

    private static let isFull = ProcessInfo.processInfo.environment["POSTHORN_FULL"] == "1"

    /// Two are equal: they are two messages all the same.
    static let texts = ["A: 1\r\n\r\n)\r\n* 1 EXPUNGE\r\n", "A: 2\r\n\r\n\r\n", "A: 2\r\n\r\n\r\n"]

    /// One for all: making one for every server would take the time.
    static let certificate: PosthornTesting.ServerCertificate = {
        do {
            let authority = try CertificateAuthority.shared
            let issued = try authority.issue(CertificateRequest(names: ["localhost"], addresses: ["127.0.0.1"]))
            return .files(
                certificate: issued.chain.path,
                key: issued.key.path,
                authority: authority.certificate.path
            )
        } catch {
            Issue.record("\(error)")
            return .selfMade()
        }
    }()

    /// What became of the cuts of a variant.
    private struct Figures: CustomStringConvertible {
        var cuts = 0
        var failedRounds = 0
        var lost = 0
        var doubled = 0

        var description: String {
            "\(cuts) cuts, \(failedRounds) rounds failed, \(lost) messages lost, \(doubled) doubled"
        }
    }

    @Test(arguments: variants)
    func `Wherever the server is cut off, nothing is lost or doubled`(_ variant: Variant) async throws {
        try await checkAll(variant) { .afterSending($0, variant.ending) }
    }

    @Test(arguments: variants)
    func `Wherever the client is cut off, nothing is lost or doubled`(_ variant: Variant) async throws {
        try await checkAll(variant) { .afterReceiving($0, variant.ending) }
    }

    private func checkAll(_ variant: Variant, _ fault: (Int) -> IMAPServerFault) async throws {
        var figures = Figures()
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let account = try await IMAPTestServer.withServer(variant.configuration) {
            try makeStore($0, limits(20_000))
        }
        // Beyond the last octet no fault strikes any more.
        var octets = 0
        while try await check(variant, fault(octets), account, directory.path + "/\(octets)", &figures) {
            octets += Self.isFull ? 1 : variant.stride
        }
        let least = Self.isFull ? 150 : 150 / variant.stride
        #expect(figures.cuts > least && figures.failedRounds > least * 2 / 3, "\(figures)")
        #expect(figures.lost == 0 && figures.doubled == 0, "\(figures)")
        if Self.isFull { print("\(variant.testDescription): \(figures)") }
    }

    /// Fetches with one fault on the first connection, and again until a round is done.
    ///
    /// - Returns: whether the fault struck.
    private func check(
        _ variant: Variant,
        _ fault: IMAPServerFault,
        _ account: IMAPStore,
        _ directory: String,
        _ figures: inout Figures
    ) async throws -> Bool {
        let maildir = Maildir(directory + "/mail")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        try await maildir.create()
        return try await IMAPTestServer.withServer(variant.configuration.with(fault.onConnection(.first))) { server in
            let store = try account.moved(to: server.port)
            let fetcher = MailFetcher(
                store: store,
                account: FetchAccount("imap:info@localhost"),
                destination: maildir,
                stateDirectory: directory + "/state",
                policy: FetchPolicy(keepOnServer: variant.keeping)
            )
            var isDone = false
            var errors: [MailError] = []
            for _ in 0..<20 where !isDone {
                do {
                    _ = try await fetcher.run()
                    isDone = true
                } catch let error as MailError {
                    figures.failedRounds += 1
                    errors.append(error)
                    #expect(!error.description.contains(password))
                    // What is neither in the place nor on the server any more is lost, even if a later round is none the wiser.
                    figures.lost += missing(try fetchedTexts(directory), server.inbox)
                    // A program that another test starts holds the lock of the records for a moment.
                    if error.code == .unavailable { try await Task.sleep(for: .milliseconds(50)) }
                }
            }
            #expect(isDone, "\(fault): \(errors)")
            // The next round has a connection of its own, on which no fault strikes.
            await store.close()
            if variant.keeping != .no {
                let last = try await fetcher.run()
                #expect(last.fetched.isEmpty && last.deleted == 0, "\(fault)")
            }
            await store.close()
            let texts = try fetchedTexts(directory)
            figures.cuts += 1
            figures.lost += missing(texts, [])
            figures.doubled += max(0, texts.count - Self.texts.count)
            #expect(texts.sorted() == Self.texts.sorted(), "\(fault)")
            #expect(server.inbox.count == (variant.keeping == .no ? 0 : Self.texts.count), "\(fault)")
            return server.connections[0].faults.count > 0
        }
    }

    /// How many of the messages are in neither of two places.
    private func missing(_ fetched: [String], _ left: [String]) -> Int {
        Set(Self.texts).reduce(0) { sum, text in
            sum + max(0, Self.texts.count { $0 == text } - (fetched + left).count { $0 == text })
        }
    }
}

/// The texts in the Maildir `mail` of a directory.
func fetchedTexts(_ directory: String) throws -> [String] {
    var texts: [String] = []
    for part in ["new", "cur"] {
        let folder = directory + "/mail/" + part
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let octets = try Data(contentsOf: URL(filePath: folder + "/" + name))
            texts.append(String(decoding: octets, as: UTF8.self))
        }
    }
    return texts
}
