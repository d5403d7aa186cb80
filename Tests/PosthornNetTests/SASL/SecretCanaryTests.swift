import Logging
import Posthorn
import Synchronization
import TestSupport
import Testing

@testable import PosthornNet

@Suite("The password stays secret in every mechanism", .undisturbed)
struct SecretCanaryTests {
    private static let canary = "PosthornSecretCanary"

    /// A server that takes any sign-in, repeats everything it hears, and knows each mechanism's course.
    private static func serve(_ peer: Peer) throws {
        try peer.send("220 here\r\n")
        let command = try peer.readLine()
        try peer.send("334 \(command.split(separator: " ").last ?? "")\r\n")
        for _ in 0..<6 {
            let line = try peer.readLine()
            if line == "*" { break }
            try peer.send("334 \(line)\r\n")
        }
        try peer.send("535 5.7.8 wrong: \(command) \(canary)\r\n")
        peer.drain()
    }

    @Test("Transcript, log and errors never hold it", arguments: SASLNegotiator.known)
    func canary(name: String) async throws {
        let context = try Net.serverContext()
        let server = try TestServer { peer in
            try peer.startTLS(context)
            try Self.serve(peer)
        }
        let ear = Ear()
        let log = Log()
        var logger = Logger(label: "test") { _ in log.handler }
        logger.logLevel = .trace
        let transcript = Transcript(logger: logger) { [ear] entry in ear.hear(entry) }
        let connection = try await Connection.connect(
            to: server.endpoint,
            options: try Net.tlsOptions { $0.transcript = transcript }
        )
        let usesToken = name == "XOAUTH2" || name == "OAUTHBEARER"
        let credentials = SASLCredentials(
            username: "info",
            password: usesToken ? nil : Secret(Self.canary),
            token: usesToken ? Secret(Self.canary) : nil,
            hasCertificate: true
        )
        _ = try await connection.readLine(deadline: Net.deadline())
        var texts: [String] = []
        connection.withTranscript { $0.beginSignIn(masking: credentials.secrets) }
        var exchange = try SASLNegotiator(
            offered: [name],
            allowed: [name],
            credentials: credentials,
            connection: connection
        ).choose()
        var command = WireText(.plain("AUTH \(name)"))
        if let initial = try exchange.start() {
            command.append(" ")
            command.append(initial)
        }
        command.appendLineEnd()
        connection.write(command)
        do {
            while true {
                let line = try await connection.readLine(deadline: Net.deadline())
                guard Net.text(line).hasPrefix("334 ") else { break }
                connection.write(.line(try exchange.answer(to: line.dropFirst(4))))
            }
            try exchange.finish()
        } catch let error as MailError {
            texts += ["\(error)", String(reflecting: error), error.detailedDescription()]
            connection.write(.line("*"))
        }
        while let line = try? await connection.readLine(deadline: Net.deadline(.seconds(5))) {
            if Net.text(line).hasPrefix("535") { break }
        }
        connection.withTranscript { $0.endSignIn() }
        await connection.closeGracefully()
        var dumped = ""
        dump(exchange, to: &dumped)
        dump(credentials, to: &dumped)
        texts += ear.lines + log.lines + [dumped, exchange.failureDetail ?? ""]
        #expect(ear.lines.count > 3)
        #expect(log.lines.count == ear.lines.count)
        let encoded = String(decoding: Base64.encode(Array(Self.canary.utf8)), as: UTF8.self)
        for text in texts {
            #expect(!text.contains(Self.canary))
            #expect(!text.contains(encoded))
        }
    }
}

/// A log that is kept in memory.
private final class Log: Sendable {
    private let entries = Mutex<[String]>([])
    var lines: [String] { entries.withLock { $0 } }
    var handler: any LogHandler { Handler(log: self) }

    private struct Handler: LogHandler {
        let log: Log
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.entries.withLock { $0.append("\(event.message)") }
        }
    }
}
