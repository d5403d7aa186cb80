import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornSMTP

/// Descriptors are counted in a process where nothing else runs.
@Suite(.undisturbed) struct DescriptorTests {
    @Test func `after failures of every kind no descriptor is open that was not before`() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
            do {
                // A process that is started by another may have got some from it.
                let sockets = DescriptorScenario.kinds["socket:"] ?? 0
                // The event loops and the like: what is opened once stays.
                try await DescriptorScenario.sendAll()
                let before = try await DescriptorScenario.settled(at: sockets)
                for _ in 0..<3 { try await DescriptorScenario.sendAll() }
                let after = try await DescriptorScenario.settled(at: sockets)
                print("descriptors: \(before == after ? "the same" : "\(before), then \(after)")")
            } catch {
                print("descriptors: \(error)")
            }
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        let said = try #require(output.split(separator: "\n").last { $0.hasPrefix("descriptors: ") }, "\(output)")
        #expect(said == "descriptors: the same", "\(output)")
    }
}

/// Sends under faults, each over a transport of its own that is closed then.
private enum DescriptorScenario {
    /// How many descriptors of each kind are open.
    static var kinds: [String: Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        var counts: [String: Int] = [:]
        for name in names {
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)") else {
                // The one by which the folder was read.
                continue
            }
            // `socket:[4711]`: the number is of no interest.
            counts[link.hasPrefix("anon_inode") ? link : String(link.prefix { $0 != "[" }), default: 0] += 1
        }
        // The system's library opens one for each kind of clock when it first needs it, and no connection opens any.
        counts["anon_inode:[timerfd]"] = nil
        return counts
    }

    /// The descriptors when no more sockets are open than that many: servers read on for a moment.
    static func settled(at sockets: Int) async throws -> [String: Int] {
        for _ in 0..<400 {
            let kinds = kinds
            if kinds["socket:"] ?? 0 <= sockets { return kinds }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw SupportError("sockets are still open: \(kinds)")
    }

    static func sendAll() async throws {
        try await withThrowingTaskGroup { group in
            for security in [ServerSecurity.none, .startTLS, .implicitTLS] {
                group.addTask { for fault in faults(security) { try await send(security, fault) } }
            }
            try await group.waitForAll()
        }
        // Nobody listens there any more.
        let port = try await SMTPTestServer.withServer { $0.port }
        let transport = try makeTransport(port: port)
        let sent = await Sent { try await transport.send(.small()) }
        guard sent.certainty == .notTaken else { throw SupportError("nobody listens, and \(sent)") }
        await transport.close()
    }

    private static func faults(_ security: ServerSecurity) -> [SMTPServerFault] {
        typealias Fault = SMTPServerFault
        let places: [Fault.Place] = [.greeting, .ehlo, .auth, .mail, .rcpt, .data, .bdat, .endOfMessage, .quit]
        let endings: [ServerEnding] = [.close, .cut, .reset]
        var all = places.flatMap { place in endings.map { Fault.at(place, .end($0)) } }
        all += places.map { .at($0, .answer("554 5.0.0 no")) }
        all += places.map { .at($0, .answer("nonsense")) }
        all += [.greeting, .mail, .endOfMessage, .quit].map { .at($0, .end(.silence)) }
        all += [.at(.mail, .endAfterReply(.stopReading)), .at(.mail, .twice), .at(.endOfMessage, .cut(after: 2, .cut))]
        if security == .startTLS {
            all += endings.map { .at(.startTLS, .end($0)) }
            all.append(.at(.startTLS, .surplus("250 x")))
        }
        if security != .none {
            all += endings.map { .at(.handshake, .end($0)) }
            all += [.at(.handshake, .cut(after: 300, .close)), .at(.handshake, .answer("nonsense"))]
        }
        return all
    }

    private static func send(_ security: ServerSecurity, _ fault: SMTPServerFault) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security
        configuration.users = ["info": "secret"]
        configuration.faults = [fault]
        try await SMTPTestServer.withServer(configuration) { server in
            let trust = server.authorityFile.map { ", tls: { trust: '\($0)' }" } ?? ""
            let transport = try makeTransport(
                port: server.port,
                "username: info, password: secret, timeouts: { connect: 300 ms, reply: 300 ms }, "
                    + "messages-per-connection: 100" + trust,
                security: security == .none ? "none" : security == .startTLS ? "starttls" : "tls"
            )
            let sent = await Sent { try await transport.send(.small()) }
            await transport.close()
            let isTaken = !server.messages.isEmpty
            if sent.receipt != nil, !isTaken { throw SupportError("\(fault): not taken, and \(sent)") }
            if sent.certainty == .notTaken, isTaken { throw SupportError("\(fault): taken, and \(sent)") }
        }
    }
}
