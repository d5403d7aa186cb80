import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Postfix's `smtp-sink`: a server that takes all mail, or behaves as badly as its options say, without TLS and sign-in.
package final class SMTPSink: Sendable {
    /// The port on 127.0.0.1.
    package let port: Int
    private let directory: TemporaryDirectory
    private let process: ManagedProcess

    private init(port: Int, directory: TemporaryDirectory, process: ManagedProcess) {
        self.port = port
        self.directory = directory
        self.process = process
    }

    /// Starts a sink.
    ///
    /// - Parameter options: As in its manual page, e.g. `["-8", "-q", "rcpt"]`; the dump of every message comes by itself.
    package static func start(_ options: [String] = []) async throws -> SMTPSink {
        let directory = try TemporaryDirectory(permissions: 0o755)
        let port = try FreePort.allocate()
        var arguments = ["-d", "message."]
        if geteuid() == 0 {
            // It gives up the rights of root before it takes mail.
            arguments += ["-u", "nobody"]
            chown(directory.path, MailServers.owner.uid, MailServers.owner.gid)
        }
        let process = try await ManagedProcess.start(
            "smtp-sink",
            arguments + options + ["127.0.0.1:\(port)", "100"],
            directory: directory.url
        )
        try await process.waitUntilListening(on: port)
        return SMTPSink(port: port, directory: directory, process: process)
    }

    /// The mails taken so far, in no particular order: lines `X-Mail-Args:`, `X-Rcpt-Args:` and the like that tell the
    /// envelope, then the message, with LF at the ends of its lines.
    package func messages() throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(at: directory.url, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix("message.") }
            .map { Array(try Data(contentsOf: $0)) }
    }

    /// Stops the sink and removes its files.
    package func stop() async {
        await process.stop()
        directory.remove()
    }
}
