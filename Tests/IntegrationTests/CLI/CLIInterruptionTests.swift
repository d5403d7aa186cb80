import Foundation
import PosthornTesting
import TestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite("posthorn, interrupted", .undisturbed)
struct CLIInterruptionTests {
    private func start(_ stage: CLIStage, _ arguments: [String] = []) async throws -> ManagedProcess {
        try await ManagedProcess.start(
            CLITool.path,
            ["send", "--to", "a@one.example", "--subject", "S", "--text", "T", "--settings", "test.yaml"] + arguments,
            environment: CLITool.environment,
            directory: stage.directory.url
        )
    }

    @Test("before the message was handed over: nobody has it, 130", .timeLimit(.minutes(10)))
    func before() async throws {
        let asked = Mark()
        try await CLIStage.with(
            {
                // With BDAT, a small message travels with its envelope.
                $0.extensions.remove(.chunking)
                $0.rules.onSender = { _ in
                    asked.set()
                    return SMTPServerReply(octets: [])
                }
            },
            more: CLIStage.use
        ) { stage in
            let process = try await start(stage)
            try await asked.wait()
            process.signal(SIGINT)
            #expect(try await process.waitForExit(within: .seconds(10)) == .exited(130))
            #expect(try process.output().contains("Nobody has the message."))
            await process.stop()
        }
    }

    @Test("after the final dot: it is told that the outcome is not known, 76", .timeLimit(.minutes(10)))
    func after() async throws {
        let arrived = Mark()
        try await CLIStage.with({ $0.rules.onMessage = arrived.andSaysNothing }, more: CLIStage.use) { stage in
            let process = try await start(stage, ["--json"])
            try await arrived.wait()
            process.signal(SIGINT)
            // A script that repeats after 130 must not double the message.
            #expect(try await process.waitForExit(within: .seconds(10)) == .exited(76))
            let output = try process.output()
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: [String: Any]]
            #expect(object?["error"]?["certainty"] as? String == "unknown", "\(output)")
            await process.stop()
        }
    }

    @Test("SIGTERM ends it with 143, after the final dot with 76", .timeLimit(.minutes(10)))
    func terminated() async throws {
        let asked = Mark()
        try await CLIStage.with(
            {
                // With BDAT, a small message travels with its envelope.
                $0.extensions.remove(.chunking)
                $0.rules.onSender = { _ in
                    asked.set()
                    return SMTPServerReply(octets: [])
                }
            },
            more: CLIStage.use
        ) { stage in
            let process = try await start(stage)
            try await asked.wait()
            process.signal(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(10)) == .exited(143))
            #expect(try process.output().components(separatedBy: "Nobody has the message").count == 2)
            await process.stop()
        }
        let arrived = Mark()
        try await CLIStage.with({ $0.rules.onMessage = arrived.andSaysNothing }, more: CLIStage.use) { stage in
            let process = try await start(stage)
            try await arrived.wait()
            process.signal(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(10)) == .exited(76))
            let output = try process.output()
            #expect(output.contains("It is not known whether the message was taken"))
            #expect(!output.contains("Nobody has the message"))
            await process.stop()
        }
    }

    @Test("a check has no verdict on the step that was interrupted", .timeLimit(.minutes(10)))
    func check() async throws {
        let asked = Mark()
        try await CLIStage.with(
            {
                // With BDAT, a small message travels with its envelope.
                $0.extensions.remove(.chunking)
                $0.rules.onSender = { _ in
                    asked.set()
                    return SMTPServerReply(octets: [])
                }
            },
            more: CLIStage.use
        ) { stage in
            let process = try await ManagedProcess.start(
                CLITool.path,
                ["check", "--settings", "test.yaml"],
                environment: CLITool.environment,
                directory: stage.directory.url
            )
            try await asked.wait()
            process.signal(SIGINT)
            #expect(try await process.waitForExit(within: .seconds(10)) == .exited(130))
            let output = try process.output()
            #expect(output.contains("ok   sign-in"))
            #expect(!output.contains("FAIL"))
            #expect(!output.contains("the message"))
            await process.stop()
        }
    }

    @Test("while somebody is to type the message, or a command to tell the password", .timeLimit(.minutes(10)))
    func waiting() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            let script = """
                mkfifo input; "$0" send --message - --settings test.yaml 0<>input & pid=$!
                until [ -e posthorn-*.eml ]; do sleep 0.1; done
                kill -INT $pid; wait $pid; echo "code $?"; ls posthorn-*.eml 2>/dev/null
                """
            let result = try await run(
                "/bin/sh",
                ["-c", script, CLITool.path],
                environment: CLITool.environment.merging(["TMPDIR": stage.directory.path]) { $1 },
                directory: stage.directory.url
            )
            #expect(result.output == "code 130\n", "\(result.errorOutput)")
            #expect(result.errorOutput == "interrupted\n  Nobody has the message.\n")

            let file = stage.directory.file("test.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try stage.directory.write(
                text.replacingOccurrences(
                    of: "{ file: smtp.secret }",
                    with: "{ command: [sh, -c, 'touch asked; sleep 30'] }"
                ),
                to: "test.yaml",
                permissions: 0o600
            )
            let process = try await start(stage)
            try await eventually("the command") {
                FileManager.default.fileExists(atPath: stage.directory.file("asked").path) ? true : nil
            }
            process.signal(SIGINT)
            #expect(try await process.waitForExit(within: .seconds(10)) == .exited(130))
            #expect(try process.output().contains("Nobody has the message."))
            await process.stop()
        }
    }
}
