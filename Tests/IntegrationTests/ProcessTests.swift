import Foundation
import TestSupport
import Testing

@Suite("Programs that tests start", .undisturbed)
struct ProcessTests {
    @Test("A program's output, error output and code come back")
    func command() async throws {
        let result = try await run("sh", ["-c", "cat; echo wrong >&2; exit 3"], input: Array("in".utf8))
        #expect(result.output == "in")
        #expect(result.errorOutput == "wrong\n")
        #expect(result.status == .exited(3))
        #expect(throws: SupportError.self) { try result.check() }
    }

    @Test("A program that takes too long is killed with its children")
    func commandTimeout() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.file("pid").path
            await #expect(throws: SupportError.self) {
                try await run("sh", ["-c", "sleep 600 & echo $! > \(file); wait"], timeout: .milliseconds(500))
            }
            let pid = try #require(Int32(String(contentsOfFile: file, encoding: .utf8).dropLast()))
            try await eventually("the child to end") { processExists(pid) ? nil : true }
        }
    }

    @Test("A stopped process takes its detached descendants along")
    func descendants() async throws {
        let process = try await ManagedProcess.start(
            "sh",
            ["-c", "setsid sh -c 'trap \"\" TERM; echo $$; sleep 600' & wait"]
        )
        try await process.waitForOutput(containing: "\n")
        let pid = try #require(Int32(process.output().dropLast()))
        #expect(processExists(pid))
        await process.stop(atOnce: true)
        #expect(!processExists(pid))
        #expect(!processExists(process.pid))
        #expect(process.status == .signalled(9))
    }

    @Test("A program's own end is reported with its code")
    func ownEnd() async throws {
        let process = try await ManagedProcess.start("sh", ["-c", "exit 7"])
        #expect(try await process.waitForExit() == .exited(7))
        await #expect(throws: SupportError.self) { try await ManagedProcess.start("/no/such/program") }
        await process.stop()
        #expect(process.isGone)
    }

    @Test("A temporary directory goes away with its value")
    func directory() async throws {
        let path = try await TemporaryDirectory.with { directory in
            try directory.write("x", to: "a/b/c")
            #expect(FileManager.default.fileExists(atPath: directory.path + "/a/b/c"))
            return directory.path
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("No port is given twice")
    func ports() async throws {
        let ports = try (0..<200).map { _ in try FreePort.allocate() }
        #expect(Set(ports).count == 200)
    }
}

/// Whether a process runs; one that has ended and only waits for its parent does not count.
func processExists(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return stat.split(separator: ")").last?.contains(" Z ") == false
}
