import Foundation
import TestSupport
import Testing

/// `posthorn fetch` is killed again and again while it fetches from a real Dovecot and deletes there.
///
/// With `POSTHORN_FULL=1` in the environment: 500 kills of fetches of 1,000 messages; prints the figures.
@Suite(.undisturbed) struct KilledFetchTests {
    private static let isFull = ProcessInfo.processInfo.environment["POSTHORN_FULL"] == "1"

    @Test func `Whenever it is killed, nothing is lost and nothing comes twice`() async throws {
        let stage = try await FetchStage("keep-on-server: no")
        let (kills, size) = Self.isFull ? (500, 1_000) : (15, 150)
        var random = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        var delivered: [[UInt8]] = []
        var killed = 0
        var longest = try await timeOfARound(stage, size, &delivered)
        while killed < kills {
            if try stage.mailbox.files().isEmpty {
                delivered += try stage.deliver(delivered.count..<(delivered.count + size))
            }
            let moment = Duration.microseconds(Int64.random(in: 0...longest, using: &random))
            if try await endsWithin(moment, stage) {
                // So fast a round is measured anew.
                longest = max(50_000, longest * 9 / 10)
            } else {
                killed += 1
            }
        }
        let last = try await stage.posthorn("fetch", "--into", "mail")
        #expect(last.code == 0, "\(last.errorOutput)")
        let there = occurrences(try stage.fetched())
        let wanted = occurrences(delivered.map(Self.asGiven))
        let lost = wanted.keys.filter { there[$0] == nil }.count
        let doubled = there.values.filter { $0 > 1 }.count
        let others = there.keys.filter { wanted[$0] == nil }.count
        if Self.isFull {
            print("\(killed) kills, \(delivered.count) messages: \(lost) lost, \(doubled) doubled, \(others) damaged")
        }
        #expect(lost == 0)
        #expect(doubled == 0)
        #expect(others == 0)
        #expect(try stage.mailbox.files().isEmpty)
        let rest = try FileManager.default.contentsOfDirectory(atPath: stage.directory.file("mail/tmp").path)
        #expect(rest.isEmpty, "what a killed round left behind is cleared away: \(rest)")
    }

    /// How many microseconds a round takes that nobody disturbs.
    private func timeOfARound(_ stage: FetchStage, _ size: Int, _ delivered: inout [[UInt8]]) async throws -> Int64 {
        delivered += try stage.deliver(0..<size)
        let start = ContinuousClock.now
        try await stage.posthorn("fetch", "--into", "mail").check("posthorn fetch")
        return max(50_000, Int64((ContinuousClock.now - start) / .microseconds(1)))
    }

    /// Whether a round ends before it is killed.
    private func endsWithin(_ moment: Duration, _ stage: FetchStage) async throws -> Bool {
        let result: CommandResult
        do {
            result = try await stage.posthorn("fetch", "--into", "mail", timeout: moment)
        } catch is SupportError {
            return false
        }
        // The server may not have noticed yet that the one before is dead.
        #expect([0, 75].contains(result.code), "\(result.errorOutput)")
        return true
    }

    /// Dovecot gives lines that end in LF with CR LF.
    private static func asGiven(_ octets: [UInt8]) -> [UInt8] {
        Array(String(decoding: octets, as: UTF8.self).replacing("lone\nfeed", with: "lone\r\nfeed").utf8)
    }
}
