import Foundation
import PosthornTesting
import TestSupport
import Testing

@Suite("posthorn in general", .undisturbed)
struct CLIGeneralTests {
    @Test(
        "every command explains itself",
        arguments: [
            [], ["send"], ["check"], ["settings"], ["settings", "init"], ["settings", "show"], ["settings", "path"],
            ["settings", "reference"], ["plugins"], ["inspect"], ["demo"],
        ]
    )
    func help(command: [String]) async throws {
        let result = try await CLITool.posthorn(command + ["--help"])
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("OVERVIEW: "))
        #expect(result.output.contains("USAGE: posthorn"))
        #expect(result.errorOutput == "")
        let version = try await CLITool.posthorn(command + ["--version"])
        #expect(version.code == 0)
        #expect(version.output.split(separator: ".").count == 3)
    }

    @Test("the help names every exit code")
    func exitCodes() async throws {
        let help = try await CLITool.posthorn(["--help"]).output
        for code in [0, 64, 65, 69, 70, 73, 75, 76, 77, 78, 130, 143] {
            #expect(help.contains(try Regex("[ \\n]\(code)[ \\n]")), "\(code)")
        }
    }

    @Test("an unknown command is a usage error")
    func unknownCommand() async throws {
        let result = try await CLITool.posthorn(["sned"])
        #expect(result.code == 64)
        #expect(result.errorOutput.contains("sned"))
    }

    @Test("the demonstration shows the whole round and leaves nothing behind")
    func demo() async throws {
        try await TemporaryDirectory.with { directory in
            let environment = ["TMPDIR": directory.path]
            let result = try await CLITool.posthorn(["demo"], environment: environment)
            #expect(result.code == 0, "\(result.output)\(result.errorOutput)")
            #expect(result.errorOutput == "")
            #expect(result.output.hasSuffix("What arrived is what was sent.\n"))
            #expect(result.output.contains("SCRAM-SHA-256-PLUS, encrypted"))
            #expect(!result.output.contains("NOT"))
            let machine = try await CLITool.posthorn(["demo", "--json"], environment: environment)
            let object = try machine.object()
            #expect(object["equal"] as? Bool == true)
            #expect((object["parts"] as? [[String: Any]])?.count == 4)
            let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(left == [])
        }
    }

    @Test(
        "--verbose shows the conversation and never a secret",
        arguments: ["SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]
    )
    func verbose(mechanism: String) async throws {
        try await CLIStage.with({ $0.mechanisms = [mechanism] }, more: CLIStage.use) { stage in
            let secrets = [
                CLIStage.canary, Data(CLIStage.canary.utf8).base64EncodedString(), "UG9zdGhvcm5TZWNyZXRDYW5hcn",
            ]
            if mechanism == "XOAUTH2" {
                let file = stage.directory.file("test.yaml")
                let text = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(
                    of: "password:",
                    with: "token:"
                )
                try stage.directory.write(text, to: "test.yaml", permissions: 0o600)
            }
            for arguments in [
                ["send", "--to", "a@one.example", "--subject", "S", "--text", "body of the message"], ["check"],
            ] {
                let result = try await CLITool.posthorn(
                    arguments + ["--verbose", "--settings", "test.yaml"],
                    directory: stage.directory.url
                )
                #expect(result.code == 0, "\(result.errorOutput)")
                #expect(result.errorOutput.contains("C: EHLO"))
                #expect(result.errorOutput.contains("S: 250"))
                #expect(result.errorOutput.contains("AUTH \(mechanism)"))
                #expect(!result.errorOutput.contains("body of the message"))
                for secret in secrets { #expect(!(result.output + result.errorOutput).contains(secret)) }
            }
        }
    }

    @Test("a terminal that shows UTF-8 gets marks, another one words")
    func marks() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            func check(_ locale: String) async throws -> String {
                let result = try await run(
                    "script",
                    ["-qec", "'\(CLITool.path)' check --settings test.yaml", "/dev/null"],
                    environment: CLITool.environment.merging(["LC_ALL": locale]) { $1 },
                    directory: stage.directory.url
                )
                #expect(result.code == 0)
                return result.output
            }
            let (marks, words) = (try await check("C.UTF-8"), try await check("C"))
            #expect(marks.contains("  ✓ sign-in"))
            #expect(words.contains("  ok   sign-in"))
        }
    }

    #if os(Linux)
        @Test("a result that cannot be written is an error (73)")
        func fullDisk() async throws {
            let result = try await run(
                "/bin/sh",
                ["-c", "\"$0\" settings reference > /dev/full", CLITool.path],
                environment: CLITool.environment
            )
            #expect(result.code == 73)
            #expect(result.errorOutput.contains("standard output"))
        }
    #endif
}
