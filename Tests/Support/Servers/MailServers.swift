package import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A real Postfix and a real Dovecot on high ports of 127.0.0.1, living in a temporary directory.
///
/// Nothing of the system's configuration is read or changed. They have to be started by root, since both of them change
/// users. Mail for users of `posthorn.test` goes from Postfix over LMTP into Dovecot's Maildirs; unknown users are
/// refused at RCPT; `bounce.test` bounces, `defer.test` stays in the queue, mail for any other domain is taken and
/// thrown away.
package final class MailServers: Sendable {
    /// The host name that the servers' certificate is for; resolves nowhere. `localhost` and 127.0.0.1 are in it, too.
    package static let hostName = "mail.posthorn.test"
    static let domains = [
        "posthorn.test", "utf8.posthorn.test", "bücher.posthorn.test", "xn--bcher-kva.posthorn.test",
    ]
    /// The owner of the mailboxes: nobody.
    static let owner = (uid: uid_t(65534), gid: gid_t(65534))

    private static let sharedTask = Task { try await start() }

    /// The pair that all tests of a process share, started by the first who asks; gone when the process ends.
    package static func shared() async throws -> MailServers {
        try await sharedTask.value
    }

    /// The authority that a client has to trust; `nil` when the certificate came from the test.
    package let authority: URL?
    private let directory: TemporaryDirectory
    private let ports: ServerPorts
    private let table: RecipientTable
    private let postfix: ManagedProcess
    private let dovecot: ManagedProcess
    private let users = Mutex<Set<String>>([])

    /// Submission: STARTTLS and sign-in required.
    package var submissionPort: Int { ports.submission }
    /// Submission with TLS from the start, sign-in required.
    package var submissionsPort: Int { ports.submissions }
    /// The relay: no sign-in, STARTTLS offered.
    package var relayPort: Int { ports.relay }
    /// Dovecot's LMTP, STARTTLS offered.
    package var lmtpPort: Int { ports.lmtp }
    /// Dovecot's submission service with TLS from the start, sign-in required. It hands the mail to Postfix.
    package var dovecotSubmissionsPort: Int { ports.dovecotSubmissions }
    /// IMAP with STARTTLS. Over 127.0.0.2 the server takes the client for a foreign one and announces LOGINDISABLED.
    package var imapPort: Int { ports.imap }
    /// IMAP with TLS from the start.
    package var imapsPort: Int { ports.imaps }
    /// POP3 with STLS.
    package var pop3Port: Int { ports.pop3 }
    /// POP3 with TLS from the start.
    package var pop3sPort: Int { ports.pop3s }
    /// Where everything of the servers is.
    package var url: URL { directory.url }
    /// The process ids of the two master processes.
    package var processIDs: [pid_t] { [postfix.pid, dovecot.pid] }

    private init(
        authority: URL?,
        directory: TemporaryDirectory,
        ports: ServerPorts,
        table: RecipientTable,
        postfix: ManagedProcess,
        dovecot: ManagedProcess
    ) {
        self.authority = authority
        self.directory = directory
        self.ports = ports
        self.table = table
        self.postfix = postfix
        self.dovecot = dovecot
    }

    deinit {
        table.stop()
    }

    /// Starts a pair of one's own; `stop()` it in the end.
    package static func start(_ options: ServerOptions = ServerOptions()) async throws -> MailServers {
        guard geteuid() == 0 else {
            throw SupportError(
                "Postfix and Dovecot can only be started by root; run the tests as root (in a container)"
            )
        }
        // Another test run may have taken one of the ports between the choice and the start.
        for _ in 0..<2 {
            do {
                return try await startOnce(options)
            } catch let error as SupportError where error.description.contains("in use") {
                continue
            }
        }
        return try await startOnce(options)
    }

    private static func startOnce(_ options: ServerOptions) async throws -> MailServers {
        let directory = try TemporaryDirectory(permissions: 0o755)
        let ports = try ServerPorts()
        let made = options.certificate == nil ? try await TestCertificate.make(in: directory.file("tls")) : nil
        guard let certificate = options.certificate ?? made?.server else { throw SupportError("no certificate") }
        let table = try RecipientTable()
        do {
            try PostfixConfiguration(
                root: directory.url,
                ports: ports,
                tablePort: table.port,
                certificate: certificate,
                options: options
            ).write()
            try DovecotConfiguration(root: directory.url, ports: ports, certificate: certificate, options: options)
                .write()

            // In the foreground, so that the supervisor has them as children.
            let dovecot = try await ManagedProcess.start("dovecot", ["-F", "-c", directory.file("dovecot.conf").path])
            let postfix = try await ManagedProcess.start(
                "\(PostfixConfiguration.daemonDirectory)/master",
                ["-c", directory.file("etc").path, "-d"]
            )
            let servers = MailServers(
                authority: made?.authority,
                directory: directory,
                ports: ports,
                table: table,
                postfix: postfix,
                dovecot: dovecot
            )
            try await servers.waitUntilReady()
            return servers
        } catch {
            table.stop()
            throw error
        }
    }

    private func waitUntilReady() async throws {
        do {
            for port in [ports.imap, ports.imaps, ports.pop3, ports.pop3s, ports.lmtp, ports.dovecotSubmissions] {
                try await dovecot.waitUntilListening(on: port)
            }
            for port in [ports.relay, ports.submission, ports.submissions] {
                try await postfix.waitUntilListening(on: port)
            }
        } catch {
            let logs = diagnosis
            await stop()
            throw SupportError("\(error)\n\(logs)")
        }
    }

    /// Stops both servers and removes their directory, mailboxes included.
    package func stop() async {
        await postfix.stop()
        await dovecot.stop()
        table.stop()
        directory.remove()
    }

    // MARK: Users

    /// Adds a user, with an empty mailbox.
    ///
    /// - Parameters:
    ///   - name: By default one that no other test has. Upper and lower case are alike.
    ///   - password: By default a random one. May hold any text.
    package func addUser(_ name: String? = nil, password: String? = nil) throws -> MailUser {
        let user = MailUser(
            name: name ?? "user-\(UInt32.random(in: 0 ... .max))",
            password: password ?? "secret-\(UInt64.random(in: 0 ... .max))"
        )
        guard users.withLock({ $0.insert(user.folder).inserted }) else {
            throw SupportError("there is a user '\(user.name)' already")
        }
        try writeUser(user)
        for domain in Self.domains {
            table.add("\(user.name)@\(domain)", mailbox: user.folder)
        }
        return user
    }

    /// Gives a user another password; takes a good second, since Dovecot looks for changes once a second.
    package func changePassword(of user: inout MailUser, to password: String) async throws {
        user.password = password
        // Dovecot compares size and time to the second: a change within the same second would go unnoticed for ever.
        try writeUser(user, changed: Date().addingTimeInterval(5))
        try await Task.sleep(for: .milliseconds(1100))
    }

    /// A file for every user: Dovecot reads one that is new to it at once, a changed one only in the next second.
    private func writeUser(_ user: MailUser, changed: Date = Date()) throws {
        let password = Data(user.password.utf8).base64EncodedString()
        let name = "users/\(user.folder)"
        let next = try directory.write(
            "\(user.folder):{PLAIN.b64}\(password)::::::\n",
            to: "\(name).next",
            permissions: 0o600
        )
        if let dovecot = getpwnam("dovecot") {
            chown(next.path, dovecot.pointee.pw_uid, 0)
        }
        try FileManager.default.setAttributes([.modificationDate: changed], ofItemAtPath: next.path)
        guard rename(next.path, directory.file(name).path) == 0 else { throw SupportError.system("rename", errno) }
    }

    /// Has Postfix refuse a recipient at RCPT.
    ///
    /// - Parameter reply: Code, enhanced code and text: `450 4.2.1 The mailbox is busy`; `nil` takes the refusal back.
    package func refuse(_ address: String, with reply: String?) {
        table.refuse(address, with: reply)
    }

    /// The mailbox of a user.
    package func mailbox(of user: MailUser) -> Mailbox {
        let path = directory.url.appending(path: "mail/\(user.folder)/Maildir")
        return Mailbox(directory: path) { [weak self] in self?.diagnosis ?? "" }
    }

    /// A token with which a user signs in by OAUTHBEARER or XOAUTH2.
    ///
    /// - Parameters:
    ///   - lifetime: How long it is valid; a negative one makes a token that has expired.
    ///   - padding: How many octets of no meaning are in it: tokens of large providers are long.
    package func oauthToken(
        for user: MailUser,
        lifetime: Duration = .seconds(3600),
        padding: Int = 0
    ) async throws -> String {
        let script = """
            import base64, hashlib, hmac, json, sys, time
            def encode(data):
                return base64.urlsafe_b64encode(data).rstrip(b"=")
            name, lifetime, key, padding = sys.argv[1:]
            now = int(time.time())
            claims = {"sub": name, "iat": now - 7200, "nbf": now - 7200, "exp": now + int(lifetime), "pad": "x" * int(padding)}
            body = encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + b"." + encode(json.dumps(claims).encode())
            print((body + b"." + encode(hmac.new(key.encode(), body, hashlib.sha256).digest())).decode())
            """
        let arguments = [
            "-I", "-c", script, user.name, "\(lifetime.components.seconds)", DovecotConfiguration.tokenKey,
            "\(padding)",
        ]
        let result = try await run(Python.interpreter(), arguments).check("python3")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: The queue

    /// How many messages Postfix has taken, or is taking, and not delivered yet.
    package func queueLength() -> Int {
        ["incoming", "active", "deferred", "maildrop"].reduce(0) { count, name in
            let paths = FileManager.default.enumerator(atPath: directory.file("queue/\(name)").path)
            // The deferred ones lie in folders of one letter.
            let files = paths?.compactMap { ($0 as? String)?.split(separator: "/").last }.filter { $0.count > 1 }
            return count + (files?.count ?? 0)
        }
    }

    // MARK: Logs

    /// What Postfix has logged.
    package func postfixLog() -> String {
        (try? String(contentsOf: directory.file("postfix.log"), encoding: .utf8)) ?? ""
    }

    /// What Dovecot has logged.
    package func dovecotLog() -> String {
        (try? String(contentsOf: directory.file("dovecot.log"), encoding: .utf8)) ?? ""
    }

    /// The ends of both logs, for the text of a failure.
    package var diagnosis: String {
        let output = ((try? postfix.output()) ?? "") + ((try? dovecot.output()) ?? "")
        return
            "postfix.log: …\(postfixLog().suffix(3000))\ndovecot.log: …\(dovecotLog().suffix(3000))\n\(output.suffix(2000))"
    }
}
