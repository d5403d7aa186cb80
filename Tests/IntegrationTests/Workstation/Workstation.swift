import Foundation
import Logging
import Posthorn
import PosthornSMTP
import TestSupport

/// A workstation of a test: a directory with its settings file and its secrets, gone with the value.
struct Workstation {
    let directory: TemporaryDirectory

    /// Writes the files.
    ///
    /// - Parameters:
    ///   - settings: The file without its `client:` line.
    ///   - secrets: Files beside it that nobody else may read, by name.
    init(_ settings: String, secrets: [String: String] = [:]) throws {
        directory = try TemporaryDirectory()
        for (name, value) in secrets { try directory.write(value, to: name, permissions: 0o600) }
        try directory.write("client: planung-3\n" + settings, to: "posthorn.yaml", permissions: 0o600)
    }

    /// A workstation with one way, which all messages go.
    init(_ way: Way, sender: String? = nil, more: String = "") throws {
        try self.init(
            (sender.map { "sender: \(quoted($0))\n" } ?? "") + "use: { outgoing: \(way.name) }\n\(more)"
                + "outgoing:\n\(way.yaml)",
            secrets: way.secrets
        )
    }

    /// Starts the host program on this workstation.
    func client(
        plugins: [any PosthornPlugin] = [.smtp],
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws -> HostProgram {
        let client = try await PosthornClient(
            settings: .file(directory.file("posthorn.yaml").path),
            plugins: plugins,
            client: "planung-3",
            logger: logger
        )
        return HostProgram(client: client, directory: directory)
    }
}

/// A program with a client object; keeps the files of its workstation, which are read again at every sign-in.
struct HostProgram {
    let client: PosthornClient
    let directory: TemporaryDirectory

    func send(
        _ message: some MailMessage,
        for function: String? = nil,
        progress: TransferProgress? = nil
    ) async throws -> SendReceipt {
        try await client.send(message, for: function, progress: progress)
    }
}

/// One way under `outgoing:`, by the SMTP plugin.
struct Way {
    var name = "smtp"
    var host = "localhost"
    var port: Int
    var security = "tls"
    /// Further keys, one a line.
    var lines: [String] = []
    var secrets: [String: String] = [:]

    var yaml: String {
        let keys = ["plugin: smtp", "host: \(quoted(host))", "port: \(port)", "security: \(security)"] + lines
        return "  \(name):\n" + keys.map { "    \($0)\n" }.joined()
    }

    /// Submission to the test servers, with a password, or a token in its place, in a file.
    static func submission(
        _ servers: MailServers,
        _ user: MailUser,
        security: String = "tls",
        token: String? = nil,
        lines: [String] = []
    ) throws -> Way {
        guard let authority = servers.authority else {
            throw SupportError("the servers have no authority of their own")
        }
        return Way(
            port: security == "tls" ? servers.submissionsPort : servers.submissionPort,
            security: security,
            lines: [
                "username: \(quoted(user.name))",
                token == nil ? "password: { file: password.secret }" : "token: { file: token.secret }",
                "tls: { trust: \(quoted(authority.path)) }",
            ] + lines,
            secrets: ["password.secret": user.password, "token.secret": token ?? ""]
        )
    }

    /// The relay of the test servers: nobody signs in, nothing is encrypted.
    static func relay(_ servers: MailServers, name: String = "relay") -> Way {
        Way(name: name, host: "127.0.0.1", port: servers.relayPort, security: "none", lines: ["role: relay"])
    }

    /// A port where nobody listens.
    static func dead(name: String = "dead") throws -> Way {
        Way(name: name, host: "127.0.0.1", port: try FreePort.allocate())
    }
}

/// A text as a YAML scalar; JSON's strings are YAML's.
func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
}

/// The error that a closure throws; anything else is a failure of the test.
func mailError<Result>(_ body: () async throws -> Result) async throws -> MailError {
    do {
        let result = try await body()
        throw SupportError("an error was expected, and this came: \(result)")
    } catch let error as MailError {
        return error
    }
}

/// Addresses that Python read, as people write them.
func shown(_ addresses: [PythonMessage.Address]) -> [String] {
    addresses.map { "\($0.name) <\($0.address)>" }
}

/// The SHA-256 of octets in hexadecimal, by an independent program.
func sha256(_ octets: [UInt8]) async throws -> String {
    let result = try await run("sha256sum", input: octets).check("sha256sum")
    return String(result.output.prefix(64))
}

/// Octets that do not compress, the same for the same seed.
func octets(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    var result: [UInt8] = []
    result.reserveCapacity(count + 8)
    while result.count < count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        withUnsafeBytes(of: state) { result.append(contentsOf: $0) }
    }
    return Array(result.prefix(count))
}
