import Foundation
import Posthorn
import PosthornTesting

/// Where the demonstration plays: a server inside the process and a directory of its own.
struct DemoStage {
    let server: SMTPTestServer
    /// The directory, which goes away in the end.
    let directory: String
    /// The settings file.
    var settingsFile: String { directory + "/demo.yaml" }
    /// The settings as they are written there.
    let settings: String

    static func open() async throws -> DemoStage {
        var configuration = SMTPServerConfiguration()
        let password = UUID().uuidString
        configuration.security = .implicitTLS
        configuration.users = ["demo": password]
        configuration.mechanisms = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]
        configuration.requiresAuthentication = true
        let server = try await SMTPTestServer.start(configuration)
        let directory = FileManager.default.temporaryDirectory.path + "/posthorn-demo-\(UUID().uuidString)"
        let stage = DemoStage(server: server, directory: directory, settings: yaml(server))
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            try AtomicFile.write(Array(password.utf8), to: directory + "/demo.secret")
            try AtomicFile.write(Array(stage.settings.utf8), to: stage.settingsFile)
            return stage
        } catch {
            await stage.close()
            throw error
        }
    }

    private static func yaml(_ server: SMTPTestServer) -> String {
        """
        client: demo
        sender: \(DemoMessage.sender)
        use: { outgoing: smtp }
        outgoing:
          smtp:
            host: localhost
            port: \(server.port)
            security: tls
            username: demo
            password: { file: demo.secret }
            tls: { trust: "\(server.authorityFile ?? "system")" }

        """
    }

    /// Stops the server and removes everything.
    func close() async {
        await server.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
