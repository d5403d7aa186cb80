import Foundation
import PosthornTesting
import TestSupport
import Testing

@Suite("posthorn send: what goes wrong", .undisturbed)
struct CLISendFailureTests {
    private static let plain = ["send", "--to", "a@one.example", "--subject", "S", "--text", "T"]

    @Test(
        "contradictions in the command line are usage errors",
        arguments: [
            ["--text", "T", "--message", "m.eml"], ["--message", "m.eml", "--subject", "S"],
            ["--to", "a@one.example", "--subject", "S"], ["--to", "a@one.example", "--text", "T"],
            ["--subject", "S", "--text", "T"], ["--to", "a@b.c", "--subject", "S", "--text", "T", "--text-file", "f"],
            ["--to", "a@b.c", "--subject", "S", "--text", "T", "--inline", "logo.png"],
            ["--to", "a@b.c", "--subject", "S", "--text", "T", "--priority", "urgent"],
            ["--message", "m.eml", "--settings", "f", "--client", "c"], ["--message", "m.eml", "--client", "a b"],
            ["--message", "m.eml", "--client", "../x"], ["--message", "m.eml", "--client", ""], ["--no-such-option"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let result = try await CLITool.posthorn(["send"] + arguments)
        #expect(result.code == 64)
        #expect(result.errorOutput.hasPrefix("Error: "))
        #expect(result.errorOutput.components(separatedBy: "Error:").count == 2)
        #expect(result.output == "")
    }

    @Test(
        "bad data is told before anybody is contacted",
        arguments: [
            (["--to", "nobody", "--subject", "S", "--text", "T"], "the header field 'To'"),
            (["--to", "a@b.example", "--subject", "S", "--attach", "missing.pdf"], "missing.pdf"),
            (["--to", "a@b.example", "--subject", "S\r\nBcc: x@y.example", "--text", "T"], "Subject"),
            (["--to", "a@b.example", "--subject", "S", "--text", "T", "--header", "no colon"], "Name: value"),
            (["--to", "a@b.example", "--subject", "S", "--text", "T", "--header", "Date: now"], "Date"),
            (["--to", "a@b.example", "--subject", "S", "--text", "T", "--header", "Bcc: x@y.example"], "Use --bcc"),
            (["--to", "a@b.example", "--subject", "S", "--html", "latin1.html"], "not UTF-8"),
            (["--message", "test.yaml"], "invalid"),
            (["--message", "missing.eml"], "missing.eml"),
        ]
    )
    func badData(arguments: [String], mentioned: String) async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            try stage.directory.write([0x47, 0x72, 0xFC], to: "latin1.html")
            let result = try await CLITool.posthorn(
                ["send", "--settings", "test.yaml"] + arguments,
                directory: stage.directory.url
            )
            #expect(result.code == 65, "\(result.errorOutput)")
            if mentioned != "invalid" { #expect(result.errorOutput.contains(mentioned), "\(result.errorOutput)") }
            #expect(!result.errorOutput.contains("MailError"))
            #expect(result.errorOutput.components(separatedBy: "Nobody has the message").count == 2)
            #expect(stage.server.connections.isEmpty)
        }
    }

    @Test("wrong password: 77, in words and as JSON")
    func wrongPassword() async throws {
        try await CLIStage.with({ $0.users = ["info": "another"] }, more: CLIStage.use) { stage in
            let people = try await CLITool.posthorn(
                Self.plain + ["--settings", "test.yaml"],
                directory: stage.directory.url
            )
            #expect(people.code == 77)
            #expect(people.errorOutput.contains("posthorn check"))
            let machine = try await CLITool.posthorn(
                Self.plain + ["--json", "--settings", "test.yaml"],
                directory: stage.directory.url
            )
            #expect(machine.code == 77)
            let error = try machine.errorObject()
            #expect(error["code"] as? String == "authentication-failed")
            #expect(error["certainty"] as? String == "notTaken")
            #expect(error["retryable"] as? Bool == false)
            #expect(error["exit_code"] as? Int == 77)
            #expect(machine.errorOutput == "")
        }
    }

    @Test("a server that is not there: 69; a certificate of somebody else: 76")
    func notReached() async throws {
        let port = try FreePort.allocate()
        let others = """
              dead: { plugin: smtp, host: localhost, port: \(port) }
              foreign: { plugin: smtp, host: localhost, port: PORT }
            """
        let more = "use: { outgoing: smtp }\nfunctions: { dead: { outgoing: dead }, foreign: { outgoing: foreign } }"
        try await CLIStage.with(outgoing: others, more: more) { stage in
            let file = stage.directory.file("test.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try stage.directory.write(
                text.replacingOccurrences(of: "PORT", with: "\(stage.server.port)"),
                to: "test.yaml",
                permissions: 0o600
            )
            let dead = try await CLITool.posthorn(
                Self.plain + ["--for", "dead", "--settings", "test.yaml"],
                directory: stage.directory.url
            )
            #expect(dead.code == 69, "\(dead.errorOutput)")
            #expect(dead.errorOutput.contains("safe to send it again"))
            let foreign = try await CLITool.posthorn(
                Self.plain + ["--for", "foreign", "--settings", "test.yaml"],
                directory: stage.directory.url
            )
            #expect(foreign.code == 76, "\(foreign.errorOutput)")
            #expect(stage.server.messages.isEmpty)
        }
    }

    @Test("of a message that is refused it is told once who has it, and for each recipient what can be done")
    func refusals() async throws {
        try await CLIStage.with(
            {
                $0.rules.refuseRecipient("gone@one.example")
                $0.rules.refuseRecipient("full@one.example", with: "452 4.2.2 Mailbox full; nobody has the message")
                $0.rules.onMessage = { _, _ in SMTPServerReply("450 4.7.1 greylisted; call 0815") }
            },
            more: CLIStage.use
        ) { stage in
            func send(_ addresses: String) async throws -> CommandResult {
                try await stage.posthorn("send", "--to", addresses, "--subject", "S", "--text", "T")
            }
            let mixed = try await send("gone@one.example,full@one.example")
            #expect(mixed.errorOutput.contains("\n  gone@one.example: refused for good, correct the address: 550"))
            #expect(mixed.errorOutput.contains("\n  full@one.example: refused for now, try again later: 452"))
            #expect(mixed.errorOutput.hasSuffix("\n  Nobody has the message.\n"))
            #expect(!mixed.errorOutput.contains("safe"))
            let gone = try await send("gone@one.example")
            #expect(gone.errorOutput.contains("\n  gone@one.example: correct the address\n"), "\(gone.errorOutput)")
            #expect(gone.errorOutput.components(separatedBy: "Nobody has the message").count == 2)
            let later = try await send("a@one.example,gone@one.example")
            #expect(later.code == 75)
            #expect(later.errorOutput.contains("\n  a@one.example: the recipient was accepted, the message was not\n"))
            #expect(later.errorOutput.hasSuffix("\n  Nobody has the message.\n"))
            let alone = try await send("a@one.example")
            #expect(alone.errorOutput.contains("greylisted; call 0815"))
            #expect(alone.errorOutput.contains("Nobody has the message; it is safe to send it again later."))
        }
    }

    @Test("a sender can be named by an option too, and a message without one says so")
    func noSender() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(
                "client: test\nuse: { outgoing: smtp }\noutgoing:\n  smtp: { host: localhost, port: 9 }\n",
                to: "test.yaml"
            )
            let result = try await CLITool.posthorn(Self.plain + ["--settings", file.path])
            #expect(result.code == 65)
            #expect(result.errorOutput.contains("or use --from."))
        }
    }

    @Test("a connection that breaks after the final dot: unknown, 76, and a warning not to repeat it")
    func unknown() async throws {
        let arrived = Mark()
        try await CLIStage.with({ $0.rules.onMessage = arrived.andSaysNothing }, more: CLIStage.use) { stage in
            async let result = stage.posthorn("send", "--to", "a@one.example", "--subject", "S", "--text", "T")
            try await arrived.wait()
            await stage.server.dropConnections()
            #expect(try await result.code == 76)
            #expect(try await result.errorOutput.contains("It is not known whether the message was taken"))
        }
    }
}
