import Foundation
import TestSupport
import Testing

/// A message of a gigabyte on a real Dovecot.
@Suite(.undisturbed) struct LargeMessageTests {
    @Test func `A message of a gigabyte is fetched in little memory, and deleted`() async throws {
        let stage = try await FetchStage("keep-on-server: no")
        let size = try deliver(gigabytes: 1, stage)
        let script = """
            import resource, subprocess, sys
            subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            """
        let result = try await run(
            "python3",
            ["-c", script, CLITool.path, "fetch", "--into", "mail", "--settings", "test.yaml"],
            environment: CLITool.environment,
            directory: stage.directory.url,
            timeout: .seconds(600)
        ).check("posthorn fetch")
        let peak = try #require(Int(result.output.dropLast()))
        // KiB. The tool alone takes about half of it.
        #expect(peak < 64 * 1_024, "\(peak) KiB")
        let files = try FileManager.default.contentsOfDirectory(atPath: stage.directory.file("mail/new").path)
        #expect(files.count == 1)
        let attributes = try FileManager.default.attributesOfItem(
            atPath: stage.directory.file("mail/new/\(files.first ?? "")").path
        )
        #expect(attributes[.size] as? Int == size)
        #expect(try stage.mailbox.files().isEmpty)
        if ProcessInfo.processInfo.environment["POSTHORN_FULL"] == "1" { print("peak \(peak) KiB") }
    }

    /// Writes the message piece by piece.
    ///
    /// - Returns: its size.
    private func deliver(gigabytes: Int, _ stage: FetchStage) throws -> Int {
        let line = Data((String(repeating: "0123456789", count: 7) + "abcdef\r\n").utf8)
        var block = Data()
        while block.count < 1 << 20 { block.append(line) }
        var size = 0
        try stage.mailbox.deliver { file in
            guard FileManager.default.createFile(atPath: file.path, contents: Data("Subject: large\r\n\r\n".utf8))
            else {
                throw SupportError("\(file.path) cannot be made")
            }
            let handle = try FileHandle(forWritingTo: file)
            try handle.seekToEnd()
            while try handle.offset() < UInt64(gigabytes) << 30 { try handle.write(contentsOf: block) }
            size = Int(try handle.offset())
            try handle.close()
        }
        return size
    }
}
