import Foundation
import TestSupport

/// How one of the servers of `PeerScript` behaves.
struct PeerBehaviour: Sendable, Encodable {
    enum Security: String, Sendable, Encodable {
        case tls, starttls, proxy
    }

    /// When TLS begins.
    var security = Security.tls
    /// The address to listen on.
    var host = "127.0.0.1"
    /// Certificate chain and key, PEM files.
    var chain = ""
    var key = ""
    /// The authority of the client certificates that are demanded.
    var clients: String?
    /// Whether old versions and short keys are allowed.
    var weak = false
    /// The newest version, by the name that Python has for it.
    var maximum: String?
    /// `whole`, `truncated` (ends in the middle of its first flight), `stalled` (never answers), `plain` (no TLS).
    var handshake = "whole"
    /// Whether STARTTLS is offered.
    var offer = true
    /// The answer to STARTTLS, with all that comes in the same segment.
    var reply = "220 2.0.0 go on\r\n"
    /// What follows the answer in a segment of its own, before the handshake.
    var later: String?
    /// Whether it follows after the beginning of the client's handshake only.
    var waits = false
    /// Whether EHLO is refused.
    var refuse_ehlo = false
}

/// SMTP servers of another maker, that record every octet.
final class Peers: Sendable {
    /// What came on all connections to one of the servers.
    struct Record: Sendable {
        /// Outside of TLS.
        var clear: String
        /// Inside of TLS.
        var inside: String
        /// Every octet, with ISO 8859-1 as the character set.
        var raw: String
    }

    private let directory: TemporaryDirectory
    private let process: ManagedProcess
    private let ports: [String: Int]

    private init(directory: TemporaryDirectory, process: ManagedProcess, ports: [String: Int]) {
        self.directory = directory
        self.process = process
        self.ports = ports
    }

    /// Starts servers; they end with the test process.
    static func start(_ behaviours: [String: PeerBehaviour]) async throws -> Peers {
        let directory = try TemporaryDirectory()
        try directory.write(PeerScript.text, to: "peers.py")
        try directory.write(Array(JSONEncoder().encode(behaviours)), to: "behaviours.json")
        let python = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") ? "/usr/bin/python3" : "python3"
        let process = try await ManagedProcess.start(
            python,
            ["-I", "peers.py", "behaviours.json"],
            directory: directory.url
        )
        try await process.waitForOutput(containing: "}\n", within: .seconds(60))
        let ports = try JSONDecoder().decode([String: Int].self, from: Data(try process.output().utf8))
        return Peers(directory: directory, process: process, ports: ports)
    }

    func port(_ name: String) throws -> Int {
        guard let port = ports[name] else { throw SupportError("there is no server '\(name)'") }
        return port
    }

    /// What came, after at least that many connections have come and all have ended.
    func record(_ name: String, connections: Int = 1) async throws -> Record {
        try await eventually("the connections of '\(name)' to end") {
            let log = text(name, "log").split(separator: "\n")
            let begun = log.count { $0 == "begun" }
            return begun >= connections && log.count == 2 * begun ? true : nil
        }
        return Record(clear: text(name, "clear"), inside: text(name, "inside"), raw: text(name, "raw"))
    }

    /// How many connections have come so far.
    func connections(_ name: String) -> Int {
        text(name, "log").split(separator: "\n").count { $0 == "begun" }
    }

    private func text(_ name: String, _ kind: String) -> String {
        guard let data = try? Data(contentsOf: directory.file("\(name).\(kind)")) else { return "" }
        return kind == "raw"
            ? String(data: data, encoding: .isoLatin1) ?? "" : String(decoding: data, as: UTF8.self)
    }
}
