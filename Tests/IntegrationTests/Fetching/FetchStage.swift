import Foundation
import TestSupport

/// A mailbox of the real Dovecot, and a workstation that fetches from it with the tool.
struct FetchStage {
    let servers: MailServers
    let user: MailUser
    let directory: TemporaryDirectory
    private let plugin: String

    /// - Parameters:
    ///   - settings: further lines of the account, such as `keep-on-server: no`.
    ///   - plugin: `pop3` or `imap`.
    init(_ settings: String..., plugin: String = "pop3") async throws {
        self.plugin = plugin
        servers = try await MailServers.shared()
        user = try servers.addUser()
        directory = try TemporaryDirectory()
        try directory.write(user.password, to: "pop.secret", permissions: 0o600)
        try configure(settings)
    }

    /// Writes the settings file anew.
    func configure(_ lines: [String]) throws {
        let authority = servers.authority?.path ?? ""
        let keys = [
            "plugin: \(plugin)", "host: localhost",
            "port: \(plugin == "imap" ? servers.imapsPort : servers.pop3sPort)", "username: \(user.name)",
            "password: { file: pop.secret }", "tls: { trust: \(authority) }",
        ]
        let text = """
            client: test
            use: { incoming: inbox }
            incoming:
              inbox:
            \((keys + lines).map { "    \($0)" }.joined(separator: "\n"))

            """
        try directory.write(text, to: "test.yaml", permissions: 0o600)
    }

    /// The mailbox on the server.
    var mailbox: Mailbox { servers.mailbox(of: user) }

    /// Puts messages into the mailbox on the server.
    ///
    /// - Returns: their octets.
    @discardableResult
    func deliver(_ numbers: Range<Int>) throws -> [[UInt8]] {
        try numbers.map { number in
            let body = String(
                repeating: "line of message \(number)\r\n..\r\n.\r\nlone\nfeed\r\n",
                count: 1 + number % 40
            )
            let text =
                "From: a@example.org\r\nSubject: \(number)\r\nMessage-ID: <\(number)@\(user.name)>\r\n\r\n\(body)"
            let octets = Array(text.utf8)
            try mailbox.deliver(octets)
            return octets
        }
    }

    /// Runs `posthorn` on the workstation.
    func posthorn(_ arguments: String..., timeout: Duration = .seconds(120)) async throws -> CommandResult {
        try await run(
            CLITool.path,
            arguments + ["--settings", "test.yaml"],
            environment: CLITool.environment,
            directory: directory.url,
            timeout: timeout
        )
    }

    /// The messages of the workstation's Maildir; none if it does not exist yet.
    func fetched(_ maildir: String = "mail") throws -> [[UInt8]] {
        try Mailbox.messages(inMaildir: directory.file(maildir))
    }
}

extension Mailbox {
    /// The messages of any Maildir.
    static func messages(inMaildir directory: URL) throws -> [[UInt8]] {
        var all: [[UInt8]] = []
        for folder in ["new", "cur"] {
            let path = directory.appending(path: folder)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path.path)) ?? []
            for name in names { all.append(Array(try Data(contentsOf: path.appending(path: name)))) }
        }
        return all
    }
}

/// How often each message occurs.
func occurrences(_ messages: [[UInt8]]) -> [[UInt8]: Int] {
    Dictionary(messages.map { ($0, 1) }, uniquingKeysWith: +)
}
