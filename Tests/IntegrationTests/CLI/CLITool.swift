import Foundation
import PosthornTesting
import Synchronization
import TestSupport
import Testing

/// The built `posthorn`, run as people and scripts run it.
struct CLITool {
    /// The tool lies beside the tests.
    static let path: String = {
        let bundle = Bundle.main.bundleURL
        let candidates = [
            bundle, bundle.deletingLastPathComponent(),
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
        ]
        let found = candidates.map { $0.appending(path: "posthorn").path }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        return found ?? "posthorn"
    }()

    /// What a run must not inherit from the machine of the test.
    static let environment = [
        "POSTHORN_SETTINGS": "", "POSTHORN_SETTINGS_DIR": "", "POSTHORN_CLIENT": "test",
        "XDG_CONFIG_HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
    ]

    static func posthorn(
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: URL? = nil,
        input: String = ""
    ) async throws -> CommandResult {
        try await run(
            path,
            arguments,
            environment: Self.environment.merging(environment) { $1 },
            directory: directory,
            input: Array(input.utf8)
        )
    }
}

extension CommandResult {
    /// The code; -1 for a signal.
    var code: Int32 {
        if case .exited(let code) = status { code } else { -1 }
    }

    /// The objects of the standard output, one a line.
    func objects() throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
    }

    /// The only object of the standard output.
    func object() throws -> [String: Any] {
        let all = try objects()
        #expect(all.count == 1, "\(output)\(errorOutput)")
        return try #require(all.first)
    }

    /// The object of an error.
    func errorObject() throws -> [String: Any] {
        try #require(try object()["error"] as? [String: Any])
    }
}

/// A mail server and a directory with settings for it.
struct CLIStage {
    /// A password that must not appear anywhere.
    static let canary = "PosthornSecretCanary"

    let server: SMTPTestServer
    let directory: TemporaryDirectory

    /// Starts a server with TLS and sign-in.
    ///
    /// - Parameters:
    ///   - configure: changes the server.
    ///   - more: lines that are added to the settings file.
    static func with(
        _ configure: (inout SMTPServerConfiguration) -> Void = { _ in },
        outgoing: String = "",
        more: String = "",
        _ body: (CLIStage) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.users = ["info": canary]
        configuration.requiresAuthentication = true
        configure(&configuration)
        try await SMTPTestServer.withServer(configuration) { server in
            try await TemporaryDirectory.with { directory in
                let stage = CLIStage(server: server, directory: directory)
                try directory.write(canary, to: "smtp.secret", permissions: 0o600)
                try directory.write(
                    """
                    client: test
                    sender: Muster <info@kuechen-muster.example>
                    \(more)
                    outgoing:
                      smtp: \(stage.transport())
                    \(outgoing)
                    """,
                    to: "test.yaml",
                    permissions: 0o600
                )
                try await body(stage)
            }
        }
    }

    /// The settings of the transport.
    func transport(port: Int? = nil) -> String {
        "{ host: localhost, port: \(port ?? server.port), username: info, password: { file: smtp.secret }, "
            + "tls: { trust: \"\(server.authorityFile ?? "")\" } }"
    }

    /// Runs a command with the settings.
    func posthorn(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws
        -> CommandResult
    {
        try await CLITool.posthorn(
            arguments + ["--settings", "test.yaml"],
            environment: environment,
            directory: directory.url,
            input: input
        )
    }

    /// The settings that choose the transport; for `more`.
    static let use = "use: { outgoing: smtp }"
}

/// Remembers that something happened on the server.
final class Mark: Sendable {
    private let isSet = Mutex(false)

    func set() { isSet.withLock { $0 = true } }

    /// Waits until it has happened.
    func wait() async throws {
        try await eventually("the server to be there") { isSet.withLock { $0 } ? true : nil }
    }

    /// A rule for messages: the mark is set, and the client waits in vain.
    var andSaysNothing: @Sendable (ReceivedMessage, String?) -> SMTPServerReply? {
        { [self] _, _ in
            set()
            return SMTPServerReply(octets: [])
        }
    }
}
