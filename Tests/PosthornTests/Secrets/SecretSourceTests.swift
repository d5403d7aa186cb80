import Foundation
import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct SecretSourceTests {
    private func text(_ source: SecretSource) async throws -> String {
        try await source.resolve().withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func failure(_ source: SecretSource) async -> MailError? {
        do {
            _ = try await source.resolve()
            return nil
        } catch {
            return error as? MailError
        }
    }

    @Test func variablesAreReadWhenTheyAreNeeded() async throws {
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        #expect(try await text(.environment("PATH")) == path)
        let error = await failure(.environment("POSTHORN_NO_SUCH_VARIABLE"))
        #expect(error?.code == .secretUnavailable)
        #expect(error?.message.contains("'POSTHORN_NO_SUCH_VARIABLE' is not set") == true)
    }

    @Test func filesLoseOneLineEndAndAreReadEachTime() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("s", " 0123 \n")
        #expect(try await text(.file(file)) == " 0123 ")
        try directory.write("s", "new\r\n")
        #expect(try await text(.file(file)) == "new")
        try directory.write("s", "a\n\n")
        #expect(try await text(.file(file)) == "a\n")
    }

    @Test func filesThatOthersCanReadAreRefused() async throws {
        let directory = try TemporaryDirectory()
        for mode in [0o640, 0o604, 0o620, 0o666, 0o601] {
            let file = try directory.write("s", "PosthornSecretCanary", mode: mode)
            let error = await failure(.file(file))
            #expect(error?.message.contains("run 'chmod 600 \(file)'") == true)
            #expect(error.map { $0.detailedDescription().contains("Canary") } == false)
        }
        #expect(try await text(.file(directory.write("s", "x", mode: 0o400))) == "x")
    }

    @Test func filesHaveToHoldSomethingAndNotTooMuch() async throws {
        let directory = try TemporaryDirectory()
        #expect(await failure(.file("\(directory.path)/none"))?.message.contains("does not exist") == true)
        #expect(await failure(.file(directory.path))?.message.contains("is not a regular file") == true)
        #expect(await failure(.file(try directory.write("e", "\n")))?.message.contains("is empty") == true)
        let large = try directory.write("l", String(repeating: "x", count: 65_537))
        #expect(await failure(.file(large))?.message.contains("is larger than 64 KiB") == true)
        let fits = try directory.write("f", String(repeating: "x", count: 65_536))
        #expect(try await text(.file(fits)).count == 65_536)
    }

    @Test func programsPrintSecrets() async throws {
        #expect(try await text(.command(["/bin/echo", "a  b", "$HOME;ls"])) == "a  b $HOME;ls")
        #expect(try await text(.command(["printf", "%s", "0123"])) == "0123")
    }

    @Test func programsThatFailAreNamedWithStatusAndTheirFirstComplaint() async throws {
        let script = "echo PosthornSecretCanary; printf 'locked \\033[31m\\nsecond line\\n' >&2; exit 3"
        let error = await failure(.command(["/bin/sh", "-c", script]))
        #expect(error?.code == .secretUnavailable)
        #expect(
            error?.message
                == "the program '/bin/sh', which was to print a secret, ended with status 3: locked \\x1B[31m"
        )
        let killed = await failure(.command(["/bin/sh", "-c", "kill -9 $$"]))
        #expect(killed?.message.contains("was ended by signal 9") == true)
        #expect(await failure(.command(["/bin/true"]))?.message.contains("printed nothing") == true)
        #expect(await failure(.command(["no-such-program-here"]))?.message.contains("in PATH") == true)
        #expect(await failure(.command(["./relative"]))?.message.contains("does not begin with '/'") == true)
        #expect(await failure(.command(["/etc/passwd"]))?.message.contains("may not be executed") == true)
        #expect(await failure(.command([]))?.code == .secretUnavailable)
    }

    @Test func programsThatPrintTooMuchOrRunTooLongAreEnded() async throws {
        let flood = await failure(.command(["/usr/bin/yes"]))
        #expect(flood?.message.contains("printed more than 64 KiB") == true)
        var slow = SecretCommand(words: ["/bin/sh", "-c", "exec sleep 60"])
        slow.timeLimit = .milliseconds(200)
        let start = ContinuousClock.now
        let command = slow
        await #expect(throws: MailError.self) { try await command.run() }
        #expect(ContinuousClock.now - start < .seconds(20))
        let chatter = await failure(.command(["/bin/sh", "-c", "head -c 300000 /dev/zero >&2; echo ok"]))
        #expect(chatter == nil)
    }

    @Test func cancellationEndsTheProgram() async throws {
        let directory = try TemporaryDirectory()
        let started = "\(directory.path)/started"
        let task = Task {
            try await SecretSource.command(["/bin/sh", "-c", "echo $$ > \(started); sleep 60; true"]).resolve()
        }
        // The file is there before its line is.
        func line() -> String? { try? String(contentsOfFile: started, encoding: .utf8) }
        while line()?.hasSuffix("\n") != true { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        let error = await #expect(throws: MailError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        let pid = try #require(
            Int32(String(contentsOfFile: started, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
        )
        #expect(kill(pid, 0) != 0)
    }

    @Test func sourcesNeverShowALiteral() async throws {
        let sources: [SecretSource] = [
            .literal(Secret("PosthornSecretCanary")), .environment("A"), .file("imap.secret"),
            .command(["pass", "PosthornSecretCanary"]), .provider { Secret("PosthornSecretCanary") },
        ]
        var dumped = ""
        for source in sources {
            dump(source, to: &dumped)
            dumped += "\(source)\(String(reflecting: source))\(Optional(source) as Any)"
        }
        #expect(!dumped.contains("Canary"))
        #expect(
            sources.map { "\($0)" } == [
                "the settings", "env A", "file imap.secret", "command pass", "the host program",
            ]
        )
        #expect(try await text(sources[0]) == "PosthornSecretCanary")
        #expect(try await text(sources[4]) == "PosthornSecretCanary")
    }

    @Test("An error of the host's own code tells no more than its type")
    func failingProvider() async {
        struct Refused: Error { let body = "PosthornSecretCanary" }
        let source = SecretSource.provider { throw Refused() }
        let error = await #expect(throws: MailError.self) { try await source.resolve() }
        #expect(error?.code == .secretUnavailable)
        #expect(error?.message.contains("(Refused)") == true)
        #expect(error?.message.contains("Canary") == false)
        let cancelled = SecretSource.provider { throw CancellationError() }
        let stopped = await #expect(throws: MailError.self) { try await cancelled.resolve() }
        #expect(stopped?.code == .cancelled)
    }
}
