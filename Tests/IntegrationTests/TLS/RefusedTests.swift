import Foundation
import Posthorn
import TestSupport
import Testing

@Suite("Servers whose encryption cannot be trusted", .undisturbed)
struct RefusedTests {
    /// One case, with TLS from the start or by STARTTLS.
    struct Run: Sendable, CustomTestStringConvertible {
        var refused: RefusedCase
        var security: PeerBehaviour.Security
        var testDescription: String { "\(refused.rawValue) (\(security.rawValue))" }
        /// The name of its server.
        var name: String { "\(refused)-\(security)" }
    }

    static let runs = RefusedCase.allCases.flatMap { refused in
        refused.securities.map { Run(refused: refused, security: $0) }
    }

    /// All servers live in one process, started by the first test.
    private static let peers = Task(executorPreference: QueueExecutor.waiting) {
        var behaviours = ["proxy": PeerBehaviour(security: .proxy)]
        for run in runs { behaviours[run.name] = try run.refused.behaviour(run.security) }
        for refused in RefusedCase.injections {
            // Here it is left to chance what arrives first.
            behaviours["\(refused)-repeated"] = try refused.behaviour(.starttls)
            behaviours["\(refused)-repeated"]?.waits = false
        }
        return try await Peers.start(behaviours)
    }

    @Test("Each is refused with a sentence of its own, and gets neither password nor mail", arguments: runs)
    func refused(run: Run) async throws {
        let peers = try await Self.peers.value
        var client = TLSClient(host: run.refused.host, port: try peers.port(run.name), security: run.security)
        client.tls = try run.refused.settings()
        if run.refused.needsProxy { client.proxyPort = try peers.port("proxy") }
        if run.refused == .stalled { client.connectLimit = "1 s" }

        let start = ContinuousClock.now
        let error = try await mailError { try await client.send() }
        #expect(error.code == run.refused.code, "\(error.detailedDescription())")
        #expect(error.certainty == .notTaken)
        #expect(error.account == "smtp")
        // The limit is a second; this process is busy with other tests, and without the setting it would be 30.
        if run.refused == .stalled { #expect(ContinuousClock.now - start < .seconds(20)) }

        let row = TLSTable.row(run.refused, error.code, client.documented(error))
        try TLSTable.note(row)
        #expect(try TLSTable.rows().contains(row), "docs/tls.md has no such line: \(row)")

        try expectNothing(of: try await peers.record(run.name), in: run.refused)
    }

    @Test(
        "What is glued to the answer to STARTTLS is never used, however often it is tried",
        arguments: RefusedCase.injections
    )
    func injection(refused: RefusedCase) async throws {
        let peers = try await Self.peers.value
        let name = "\(refused)-repeated"
        let client = TLSClient(port: try peers.port(name), security: .starttls)
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    // Each with connections of its own: those of one program would share the first one's error.
                    let program = try await client.makeProgram()
                    let error = try await mailError { try await client.send(by: program) }
                    #expect([.protocolViolation, .tlsFailed].contains(error.code), "\(error.detailedDescription())")
                    #expect(error.certainty == .notTaken)
                }
            }
            try await group.waitForAll()
        }
        try expectNothing(of: try await peers.record(name, connections: 50), in: refused)
    }

    @Test("The table in the documentation has each fault with its code, and no line twice")
    func table() throws {
        let rows = try TLSTable.rows()
        let lines = rows.filter { !$0.hasPrefix("| What is wrong") }
        #expect(Set(lines).count == lines.count)
        for refused in RefusedCase.allCases {
            #expect(
                rows.contains { $0.hasPrefix("| \(refused.rawValue) | `\(refused.code)` |") },
                "\(refused.rawValue)"
            )
        }
    }

    /// The server has read nothing but what a client says to anybody.
    private func expectNothing(of record: Peers.Record, in refused: RefusedCase) throws {
        for text in TLSClient.confidential {
            #expect(!record.raw.contains(text) && !record.inside.contains(text), "\(text) was sent")
        }
        for text in TLSClient.commands { #expect(!record.inside.contains(text), "\(text) was sent") }
        // Where the server never begins TLS itself, the client's own handshake is among the clear octets.
        let isHandshakeInTheClear = [.plain, .plainAfterAgreement].contains(refused)
        for text in isHandshakeInTheClear ? Array(TLSClient.commands.dropFirst()) : TLSClient.commands {
            #expect(!record.clear.contains(text), "\(text) was sent")
        }
        guard !isHandshakeInTheClear else { return }
        for line in (record.clear + record.inside).split(separator: "\r\n") {
            #expect(["EHLO", "STARTTLS", "QUIT"].contains(line.prefix { $0 != " " }), "\(line.debugDescription)")
        }
    }
}

/// The table in `docs/tls.md`.
enum TLSTable {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func row(_ refused: RefusedCase, _ code: MailError.Code, _ sentence: String) -> String {
        "| \(refused.rawValue) | `\(code)` | \(sentence.replacing("|", with: "\\|")) |"
    }

    static func rows() throws -> [String] {
        let text = try String(contentsOf: repository.appending(path: "docs/tls.md"), encoding: .utf8)
        return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| ") && !$0.hasPrefix("| --") }
    }

    /// Adds a line to the file that the environment names, for whoever writes the table anew.
    static func note(_ row: String) throws {
        guard let path = ProcessInfo.processInfo.environment["POSTHORN_TLS_TABLE"] else { return }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        defer { close(descriptor) }
        let line = Array("\(row)\n".utf8)
        guard write(descriptor, line, line.count) == line.count else { throw SupportError("cannot write to \(path)") }
    }
}
