import Foundation
import TestSupport
import Testing

@Suite("What a large message costs", .undisturbed)
struct MemoryTests {
    @Test("An attachment of 30 MB needs hardly more memory than one of an octet", arguments: ["tls", "starttls"])
    func peak(security: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let station = try Workstation(.submission(servers, user, security: security), sender: user.address)
        try station.directory.write([1], to: "small.bin")
        try station.directory.write(octets(30_000_000, seed: 5), to: "large.bin")
        let small = try await peak(sending: "small.bin", from: station)
        let large = try await peak(sending: "large.bin", from: station)
        // Kibibytes. Buffers of a connection at work are no more than this; the attachment alone would be twice as much.
        #expect(large - small < 16 * 1_024, "\(small) KiB and \(large) KiB")
    }

    /// The most memory that `posthorn` had at once, in KiB: a process of its own, since others work in this one.
    private func peak(sending file: String, from station: Workstation) async throws -> Int {
        let script = """
            import resource, subprocess, sys
            subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            """
        let arguments = [
            "send", "--settings", "posthorn.yaml", "--to", "x@elsewhere.test", "--subject", "large", "--text", "x",
            "--attach", file,
        ]
        var environment = CLITool.environment
        environment["POSTHORN_CLIENT"] = "planung-3"
        let result = try await run(
            "python3",
            ["-c", script, CLITool.path] + arguments,
            environment: environment,
            directory: station.directory.url,
            timeout: .seconds(240)
        )
        return try #require(Int(result.check("posthorn").output.dropLast()))
    }
}
