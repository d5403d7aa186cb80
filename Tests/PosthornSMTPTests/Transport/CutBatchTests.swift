import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornSMTP

/// The connection ends after every octet of a session, in both directions, with one message and with a batch of three:
/// what is told of each message agrees with the server's books, nothing is lost and nothing comes twice.
@Suite(.undisturbed) struct CutBatchTests {
    /// How messages travel.
    enum Carriage: String, Sendable, CaseIterable {
        /// All messages with their envelopes in one flight, by BDAT.
        case chunks
        /// BDAT, one step after another.
        case chunksStepByStep
        /// DATA behind the envelope, the next envelope behind the dot.
        case data
        /// DATA, one step after another.
        case dataStepByStep

        var missing: Set<SMTPServerExtension> {
            switch self {
            case .chunks: []
            case .chunksStepByStep: [.pipelining]
            case .data: [.chunking]
            case .dataStepByStep: [.chunking, .pipelining]
            }
        }
    }

    @Test(arguments: Carriage.allCases, [1, 3])
    func `a session that is cut after any octet is told as it was`(_ carriage: Carriage, _ count: Int) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.extensions.subtract(carriage.missing)
        try await SMTPTestServer.withServer(configuration) { server in
            var bench = try await Bench(server, messages: count, settings: limits(60_000))
            for direction in CuttingRelay.Direction.allCases {
                // Every octet, none at all and all of them included.
                for cut in 0...bench.octets(direction) { await bench.cut(direction, after: cut) }
            }
            try await bench.settleAccounts()
            #expect(bench.cuts > (count == 1 ? 400 : 700), "\(bench)")
            #expect(bench.accepted > bench.cuts / 8 && bench.notTaken > 100 && bench.unknown > 20, "\(bench)")
        }
    }

    @Test(arguments: [Carriage.chunks, .data], [1, 3])
    func `an encrypted session that is cut after any octet is told as it was`(_ carriage: Carriage, _ count: Int)
        async throws
    {
        var configuration = SMTPServerConfiguration()
        configuration.extensions.subtract(carriage.missing)
        configuration.security = .implicitTLS
        try await SMTPTestServer.withServer(configuration) { server in
            let authority = try #require(server.authorityFile)
            var bench = try await Bench(
                server,
                messages: count,
                settings: "tls: { trust: '\(authority)' }, " + limits(60_000),
                security: "tls"
            )
            for direction in CuttingRelay.Direction.allCases {
                // A record of TLS has a random length at most at its end: some octets more than were counted.
                for cut in 0...(bench.octets(direction) + 8) { await bench.cut(direction, after: cut) }
            }
            try await bench.settleAccounts()
            #expect(bench.cuts > 2_000, "\(bench)")
            #expect(bench.accepted > bench.cuts / 8 && bench.notTaken > 500 && bench.unknown > 20, "\(bench)")
        }
    }
}

/// Sends batches over a relay that cuts the first connection of each, and keeps accounts of what is told.
private struct Bench: CustomStringConvertible {
    private let server: SMTPTestServer
    private let relay: CuttingRelay
    private let messages: Int
    private let settings: String
    private let security: String
    private let whole: CuttingRelay.Passed
    /// What was told of each message, by its subject.
    private var told: [String: (outcome: SendOutcome, cut: String)] = [:]
    private(set) var cuts = 0

    init(_ server: SMTPTestServer, messages: Int, settings: String, security: String = "none") async throws {
        self.server = server
        self.messages = messages
        self.settings = settings + ", connections: 1, messages-per-connection: 100"
        self.security = security
        relay = try CuttingRelay(to: server.port)
        // A session that nothing happens to: how long it is.
        let transport = try makeTransport(port: relay.port, self.settings, security: security)
        let outcomes = await transport.send(Self.batch(0, messages))
        await transport.close()
        try await server.waitForDisconnects()
        #expect(outcomes.allSatisfy { (try? $0.get())?.isComplete == true }, "\(outcomes)")
        whole = try #require(relay.passed.first)
        #expect(relay.passed.count == 1)
    }

    /// The octets of a session that is not cut.
    func octets(_ direction: CuttingRelay.Direction) -> Int {
        direction == .toServer ? whole.toServer : whole.toClient
    }

    /// Subjects of one length, so that all sessions are of one length.
    private static func subject(_ cut: Int, _ place: Int) -> String { "cut-\(100_000 + cut)-\(place)" }

    private static func batch(_ cut: Int, _ messages: Int) -> SendBatch {
        SendBatch((0..<messages).map { .small("Subject: \(subject(cut, $0))\r\n\r\nhi\r\n") })
    }

    /// Sends a batch whose first connection is cut.
    mutating func cut(_ direction: CuttingRelay.Direction, after octets: Int) async {
        cuts += 1
        relay.cutNext(.init(direction: direction, octets: octets))
        do {
            let transport = try makeTransport(port: relay.port, settings, security: security)
            let outcomes = await transport.send(Self.batch(cuts, messages))
            await transport.close()
            #expect(outcomes.count == messages)
            for (place, outcome) in outcomes.enumerated() {
                told[Self.subject(cuts, place)] = (outcome, "\(direction) after \(octets)")
            }
        } catch {
            Issue.record(error)
        }
    }

    private(set) var accepted = 0
    private(set) var notTaken = 0
    private(set) var unknown = 0
    private var lost = 0
    private var doubled = 0

    /// Compares what was told with what the server has.
    mutating func settleAccounts() async throws {
        relay.stop()
        // What passed the relay may still be under way to the server.
        try await server.waitForDisconnects(timeout: .seconds(60))
        var taken: [String: Int] = [:]
        for message in server.messages {
            taken[String(message.text.prefix { $0 != "\r\n" }.dropFirst("Subject: ".count)), default: 0] += 1
        }
        for (subject, (outcome, cut)) in told {
            let times = taken[subject] ?? 0
            let comment = Comment(rawValue: "\(subject), cut \(cut), came \(times) times: \(outcome)")
            if times > 1 { doubled += 1 }
            switch outcome {
            case .success(let receipt):
                accepted += 1
                if times == 0 { lost += 1 }
                #expect(times == 1 && receipt.isComplete, comment)
            case .failure(let error) where error.certainty == .notTaken:
                notTaken += 1
                #expect(times == 0, comment)
                #expect(error.isRetryable || error.code == .tlsFailed, comment)
            case .failure(let error):
                unknown += 1
                #expect(error.certainty == .unknown && error.code == .outcomeUnknown && times <= 1, comment)
            }
        }
        #expect(told.count == cuts * messages && lost == 0 && doubled == 0, "\(self)")
        #expect(server.violations.isEmpty, "\(server.violations.prefix(10))")
    }

    var description: String {
        "\(cuts) cuts of \(whole.toServer) + \(whole.toClient) octets, \(messages) a batch: \(accepted) accepted, "
            + "\(notTaken) not taken, \(unknown) unknown; \(lost) lost, \(doubled) doubled"
    }
}
