import Foundation
import PosthornTesting
import TestSupport
import Testing

/// A server, and settings for it with short limits of time.
struct SystemCallStage {
    let server: SMTPTestServer
    let directory: TemporaryDirectory

    static func with(
        _ security: ServerSecurity,
        _ body: (SystemCallStage) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security
        configuration.users = ["info": CLIStage.canary]
        try await SMTPTestServer.withServer(configuration) { server in
            try await TemporaryDirectory.with { directory in
                let tls = server.authorityFile.map { "tls: { trust: \"\($0)\" }" } ?? "security: none"
                try directory.write(CLIStage.canary, to: "smtp.secret", permissions: 0o600)
                try directory.write(
                    """
                    client: test
                    sender: Muster <info@kuechen-muster.example>
                    use: { outgoing: smtp }
                    outgoing:
                      smtp:
                        host: 127.0.0.1
                        port: \(server.port)
                        username: info
                        password: { file: smtp.secret }
                        timeouts: { connect: 3 s, reply: 3 s }
                        \(tls)
                    """,
                    to: "test.yaml",
                    permissions: 0o600
                )
                try await body(SystemCallStage(server: server, directory: directory))
            }
        }
    }

    /// Runs the tool once.
    ///
    /// - Returns: how it ended, for the tally.
    func check(_ injection: Injection, to recipient: String) async throws -> String {
        let send = try await TracedSend(to: recipient, injection, in: directory)
        let end = send.status.map(String.init(describing:)) ?? "no end"
        let comment = Comment(
            rawValue: "\(injection): \(end): \(send.output)\(send.errorOutput.prefix(300)) \(send.injected)"
        )
        try await server.waitForDisconnects()
        let taken = server.messages.count { $0.recipients.map(\.address).contains(recipient) }
        #expect(taken <= 1, comment)
        guard let status = send.status else {
            // SwiftNIO and Dispatch take no notice of an error of the write that wakes their threads.
            #expect(injection.call.name == "write" && send.hitsEventLoop, comment)
            return "no end, a wake-up was lost"
        }
        guard case .exited(let code) = status else {
            // A trap of this project names a file of this project.
            let isNIO = ["NIOPosix/", "NIOCore/"].contains(where: send.errorOutput.hasPrefix)
            #expect(injection.call.outside != nil && isNIO, comment)
            return "trap in SwiftNIO"
        }
        #expect([0, 65, 69, 70, 73, 75, 76, 77, 78].contains(code), comment)
        guard let object = send.object else {
            // The standard output is what failed: the standard error says so, unless nobody reads any more. The code is that
            // of the send, if this failed too.
            #expect(injection.call.name == "write" && code != 0, comment)
            #expect(injection.error == "EPIPE" || !send.errorOutput.isEmpty, comment)
            if code != 73, code != 76 { #expect(taken == 0, comment) }
            return "\(code), output lost"
        }
        guard let error = object["error"] as? [String: Any] else {
            #expect(code == 0 && taken == 1, comment)
            return send.injected.isEmpty ? "sent, call not reached" : "sent all the same"
        }
        #expect((error["message"] as? String)?.isEmpty == false, comment)
        let certainty = error["certainty"] as? String ?? ""
        #expect(["notTaken", "rejected", "unknown"].contains(certainty) && code != 0, comment)
        if certainty != "unknown" { #expect(taken == 0, comment) }
        return "\(code), \(certainty)"
    }
}

extension TracedSend {
    /// The object that the tool has written.
    var object: [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    }
}
