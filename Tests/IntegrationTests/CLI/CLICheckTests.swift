import Foundation
import PosthornTesting
import TestSupport
import Testing

@Suite("posthorn check", .undisturbed)
struct CLICheckTests {
    @Test("shows every step, and sends nothing")
    func passes() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            let result = try await stage.posthorn("check")
            #expect(result.code == 0, "\(result.output)\(result.errorOutput)")
            for step in ["read", "connect", "tls", "greeting", "capabilities", "sign-in", "dry-run"] {
                #expect(result.output.contains("  ok   \(step)"), "\(result.output)")
            }
            #expect(result.output.hasSuffix("All is well.\n"))
            #expect(stage.server.messages.isEmpty)

            let objects = try await stage.posthorn("check", "--json").objects()
            #expect(objects.count >= 7)
            for object in objects {
                #expect(Set(object.keys) == ["subject", "step", "verdict", "finding", "advice", "seconds"])
                #expect(object["verdict"] as? String == "ok")
            }
        }
    }

    @Test("--send-test sends one message by every transport, to redirect-all if there is one")
    func sendTest() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            let result = try await stage.posthorn("check", "--send-test", "admin@one.example")
            #expect(result.code == 0, "\(result.output)")
            #expect(result.output.contains("send-test"))
            let message = try #require(stage.server.messages.first)
            #expect(message.recipients.map(\.address) == ["admin@one.example"])
            #expect(message.text.contains("Auto-Submitted: auto-generated"))
        }
        try await CLIStage.with(more: CLIStage.use + "\nredirect-all: test@kuechen-muster.example") { stage in
            let result = try await stage.posthorn("check", "--send-test", "admin@one.example")
            #expect(result.output.contains("warn read"))
            #expect(
                result.output.contains(
                    "-> test system: every message goes to test@kuechen-muster.example alone ('redirect-all')\n"
                )
            )
            #expect(stage.server.messages.map { $0.recipients.map(\.address) } == [["test@kuechen-muster.example"]])
            #expect(try await stage.posthorn("check", "--send-test", "nobody").code == 65)
        }
    }

    @Test("the exit code is that of the step that failed; later steps are not tried")
    func fails() async throws {
        try await CLIStage.with({ $0.users = ["info": "another"] }, more: CLIStage.use) { stage in
            let result = try await stage.posthorn("check")
            #expect(result.code == 77)
            #expect(result.output.contains("FAIL sign-in"))
            #expect(!result.output.contains("dry-run"))
            #expect(result.output.hasSuffix("1 step failed.\n"))
        }
        try await CLIStage.with({ $0.rules.refuseSender("info@kuechen-muster.example") }, more: CLIStage.use) { stage in
            let result = try await stage.posthorn("check", "--send-test", "admin@one.example")
            #expect(result.code == 77)
            #expect(result.output.contains("FAIL dry-run"))
            #expect(stage.server.messages.isEmpty)
        }
        try await CLIStage.with({ $0.certificate = .selfMade(names: ["other.example"]) }, more: CLIStage.use) { stage in
            let result = try await stage.posthorn("check", "--json")
            #expect(result.code == 76)
            #expect(try result.objects().last?["step"] as? String == "tls")
        }
        try await CLIStage.with(more: CLIStage.use) { stage in
            await stage.server.stop()
            let result = try await stage.posthorn("check")
            #expect(result.code == 69)
        }
    }

    @Test("the exit code is the one that send would end with")
    func codes() async throws {
        let sender = "info@kuechen-muster.example"
        try await CLIStage.with({ $0.rules.refuseSender(sender, with: "450 4.7.1 a; b") }, more: CLIStage.use) {
            stage in
            let result = try await stage.posthorn("check")
            #expect(result.code == 75, "\(result.output)")
            #expect(result.output.contains("450 4.7.1 a; b"))
        }
        try await CLIStage.with(
            { $0.rules.onMessage = { _, _ in SMTPServerReply("450 4.7.1 greylisted") } },
            more: CLIStage.use
        ) { stage in
            let result = try await stage.posthorn("check", "--send-test", "admin@one.example")
            #expect(result.code == 75, "\(result.output)")
            #expect(result.output.contains("-> Nobody has the message; it is safe to send it again later.\n"))
        }
        try await TemporaryDirectory.with { directory in
            var configuration = SMTPServerConfiguration()
            configuration.security = .implicitTLS
            try await SMTPTestServer.withServer(configuration) { server in
                let trust = "tls: { trust: \"\(server.authorityFile ?? "")\" }"
                let file = try directory.write(
                    "client: test\nuse: { outgoing: smtp }\noutgoing:\n"
                        + "  smtp: { host: localhost, port: \(server.port), \(trust) }\n",
                    to: "test.yaml"
                )
                let plain = try await CLITool.posthorn(["check", "--settings", file.path])
                #expect(plain.code == 0, "\(plain.output)")
                #expect(plain.output.hasSuffix("It answers, but `send` needs --from: no 'sender' is set.\n"))
                let test = try await CLITool.posthorn(
                    ["check", "--settings", file.path, "--send-test", "admin@one.example"]
                )
                #expect(test.code == 65, "\(test.output)")
            }
        }
    }

    @Test("wrong settings are the first thing that is told, and settings without a transport are a warning")
    func settings() async throws {
        try await TemporaryDirectory.with { directory in
            let wrong = try directory.write("client: test\nuse: { outgoing: smtp }\n", to: "wrong.yaml")
            let result = try await CLITool.posthorn(["check", "--settings", wrong.path])
            #expect(result.code == 78)
            #expect(result.output.contains("FAIL settings"))
            let empty = try directory.write("client: test\n", to: "empty.yaml")
            let warned = try await CLITool.posthorn(["check", "--settings", empty.path])
            #expect(warned.code == 0)
            #expect(warned.output.contains("warn read"))
            #expect(warned.output.contains("no transport and no store is configured"))
        }
    }
}
