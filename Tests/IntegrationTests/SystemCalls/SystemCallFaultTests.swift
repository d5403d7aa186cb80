import Foundation
import PosthornTesting
import TestSupport
import Testing

/// An error at system call k, for every k of a session: the tool ends by itself, with a documented code and a sentence,
/// and what it says of the message is true.
///
/// Every run has one error at each call, in turn. With POSTHORN_FULL=1 in the environment every call has every error, and
/// the figures are printed.
@Suite(.undisturbed) struct SystemCallFaultTests {
    private static let isComplete = ProcessInfo.processInfo.environment["POSTHORN_FULL"] != nil

    @Test(arguments: [ServerSecurity.none, .implicitTLS])
    func `an error at any system call is told, and the truth about the message with it`(
        _ security: ServerSecurity
    ) async throws {
        try await SystemCallStage.with(security) { stage in
            let clean = try await TracedSend(to: "clean@one.example", nil, in: stage.directory)
            try #require(clean.status == .exited(0), "\(clean.errorOutput)\(clean.output)")
            let injections = Injection.all(for: clean.counts, isComplete: Self.isComplete)
            #expect(injections.count > 30, "\(clean.counts)")
            var tally: [String: Int] = [:]
            for (number, injection) in injections.enumerated() {
                let end = try await stage.check(injection, to: "k\(number)@one.example")
                tally["\(injection.call.name): \(end)", default: 0] += 1
            }
            guard Self.isComplete else { return }
            print("\(security): \(injections.count) injections")
            for (end, count) in tally.sorted(by: { $0.key < $1.key }) { print("  \(end): \(count)") }
        }
    }
}
