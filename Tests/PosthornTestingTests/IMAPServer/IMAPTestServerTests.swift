import Posthorn
import PosthornTesting
import TestSupport
import Testing

/// The IMAP server on a real connection: Python's imaplib, which knows nothing of it, and plain sockets.
@Suite(.undisturbed) struct IMAPTestServerTests {
    private static let prelude = """
        import imaplib, json, re, resource, socket, ssl, sys, time
        port = int(sys.argv[1]); authority = sys.argv[2]
        imaplib._MAXLINE = 10000000
        def trusting():
            return ssl.create_default_context(cafile=authority)
        def show(value):
            print(json.dumps(value, default=lambda octets: octets.decode()))
        def connect():
            return socket.create_connection(("127.0.0.1", port), 30)
        def signed_in(kind="none"):
            imap = imaplib.IMAP4_SSL("localhost", port, ssl_context=trusting()) if kind == "tls" else imaplib.IMAP4("localhost", port)
            if kind == "starttls": imap.starttls(ssl_context=trusting())
            imap.login("u", "secret word")
            return imap

        """

    private func python(_ server: IMAPTestServer, _ script: String) async throws -> String {
        let arguments = ["-c", Self.prelude + script, "\(server.port)", server.authorityFile ?? ""]
        return try await run("python3", arguments, timeout: .seconds(100)).check("the script").output
    }

    private func configuration(_ messages: [IMAPServerMessage] = []) -> IMAPServerConfiguration {
        var configuration = IMAPServerConfiguration()
        configuration.users = ["u": "secret word"]
        configuration.mailboxes["u"] = [
            IMAPServerMailbox("INBOX", messages: messages), IMAPServerMailbox("Sent", attributes: ["\\Sent"]),
        ]
        return configuration
    }

    private let message = IMAPServerMessage(text: "From: a@example.org\r\nSubject: 1\r\n\r\none\r\n")

    @Test(arguments: [ServerSecurity.none, .startTLS, .implicitTLS])
    func `imaplib reads, marks, appends and deletes`(security: ServerSecurity) async throws {
        var configuration = configuration([message, message])
        configuration.security = security
        configuration.recordsOctets = true
        try await IMAPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                imap = signed_in("\(security == .none ? "none" : security == .startTLS ? "starttls" : "tls")")
                show(imap.list()); show(imap.select())
                show(imap.fetch("1", "(FLAGS BODY.PEEK[TEXT])"))
                show(imap.store("1", "+FLAGS", "\\\\Deleted"))
                show(imap.append("Sent", "\\\\Seen", None, b"Subject: 3\\r\\n\\r\\nthree\\r\\n"))
                show(imap.search(None, "DELETED")); show(imap.search(None, "SUBJECT", "1"))
                show(imap.uid("COPY", "2", "Sent")); show(imap.expunge()); show(imap.status("Sent", "(MESSAGES UIDNEXT)"))
                show(imap.close()); show(imap.logout()[0])
                """
            )
            #expect(
                output == """
                    ["OK", ["(\\\\HasNoChildren) \\"/\\" \\"INBOX\\"", "(\\\\Sent \\\\HasNoChildren) \\"/\\" \\"Sent\\""]]
                    ["OK", ["2"]]
                    ["OK", [["1 (FLAGS () BODY[TEXT] {5}", "one\\r\\n"], ")"]]
                    ["OK", ["1 (FLAGS (\\\\Deleted))"]]
                    ["OK", ["[APPENDUID 1 1] done"]]
                    ["OK", ["1"]]
                    ["OK", ["1 2"]]
                    ["OK", [null]]
                    ["OK", ["1"]]
                    ["OK", ["\\"Sent\\" (MESSAGES 2 UIDNEXT 3)"]]
                    ["OK", ["the mailbox is closed"]]
                    "BYE"

                    """
            )
            #expect(server.mailbox(of: "u")?.messages.map(\.uid) == [2])
            #expect(server.mailbox("Sent", of: "u")?.messages.map(\.flags) == [["\\Seen"], []])
            try await server.waitForDisconnects()
            let connection = try #require(server.connections.first)
            #expect(server.violations == [] && connection.isClosed && connection.isEncrypted == (security != .none))
            #expect(connection.commands.last == "LOGOUT" && connection.commands.contains("LOGIN u <hidden>"))
            let clear = String(decoding: connection.clearOctets, as: UTF8.self)
            #expect(clear.contains("secret") == (security == .none))
        }
    }

    @Test func `imaplib signs in with a mechanism`() async throws {
        try await IMAPTestServer.withServer(configuration()) { server in
            let output = try await python(
                server,
                """
                imap = imaplib.IMAP4("127.0.0.1", port)
                show(imap.login_cram_md5("u", "secret word")[0]); imap.logout()
                imap = imaplib.IMAP4("127.0.0.1", port)
                show(imap.authenticate("PLAIN", lambda challenge: b"\\0u\\0secret word")[0]); imap.logout()
                imap = imaplib.IMAP4("127.0.0.1", port)
                try: imap.login("u", "wrong")
                except imaplib.IMAP4.error as error: print(error)
                """
            )
            #expect(output == "\"OK\"\n\"OK\"\nb'[AUTHENTICATIONFAILED] user name or password is wrong'\n")
            #expect(server.violations == [])
        }
    }

    @Test func `What happens to a mailbox is pushed to those in IDLE`() async throws {
        try await IMAPTestServer.withServer(configuration([message])) { server in
            async let output = python(
                server,
                """
                connection = connect(); file = connection.makefile("rwb", buffering=0)
                file.readline(); file.write(b"a LOGIN u {11+}\\r\\nsecret word\\r\\nb SELECT INBOX\\r\\n")
                while not file.readline().startswith(b"b OK"): pass
                file.write(b"c IDLE\\r\\n")
                show([file.readline(), file.readline()])
                other = signed_in(); other.select(); other.store("1", "+FLAGS", "\\\\Deleted"); show(file.readline())
                other.expunge(); show(file.readline())
                file.write(b"DONE\\r\\n"); show(file.readline())
                """
            )
            try await server.waitForCommands("IDLE")
            #expect(server.deliver(message, of: "u") == 2)
            #expect(
                try await output == """
                    ["+ idling\\r\\n", "* 2 EXISTS\\r\\n"]
                    "* 1 FETCH (FLAGS (\\\\Deleted))\\r\\n"
                    "* 1 EXPUNGE\\r\\n"
                    "c OK IDLE ends\\r\\n"

                    """
            )
            #expect(server.setFlags(["\\Seen"], uid: 2, of: "u") && server.mailbox(of: "u")?.messages.first?.uid == 2)
            #expect(server.expunge(uid: 2, of: "u") && !server.expunge(uid: 2, of: "u"))
            #expect(server.violations == [])
        }
    }

    @Test func `Faults reach the wire`() async throws {
        var configuration = configuration([message])
        configuration.faults = [
            IMAPServerFault.at(.fetch, .cut(after: 20, .cut)).onConnection(.first),
            IMAPServerFault.at(.fetch, .end(.reset)).onConnection(.nth(2)),
            IMAPServerFault.whenIdle(for: .milliseconds(300), saying: "* BYE idle").onConnection(.nth(3)),
        ]
        try await IMAPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                def end(command):
                    imap = signed_in(); imap.select()
                    octets = b""
                    try:
                        imap.send(command)
                        while True:
                            piece = imap.sock.recv(100)
                            if not piece: return [octets, "closed"]
                            octets += piece
                    except ConnectionResetError: return [octets, "reset"]
                for command in [b"x FETCH 1 BODY[]\\r\\n", b"x FETCH 1 BODY[]\\r\\n", b"x IDLE\\r\\n"]: show(end(command))
                """
            )
            let lines = output.split(separator: "\n").map(String.init)
            try #require(lines.count == 3)
            #expect(lines[0] == #"["* 1 FETCH (BODY[] {4", "closed"]"# && lines[1] == #"["", "reset"]"#)
            #expect(lines[2] == #"["+ idling\r\n* BYE idle\r\n", "closed"]"#)
            #expect(server.connections.map(\.faults.count) == [1, 1, 1])
        }
        configuration.security = .startTLS
        configuration.faults = [.at(.startTLS, .surplus("* BYE injected"))]
        try await IMAPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                connection = connect(); file = connection.makefile("rb"); file.readline()
                connection.sendall(b"a STARTTLS\\r\\n"); show([file.readline(), file.readline()])
                """
            )
            #expect(output == "[\"a OK begin the handshake\\r\\n\", \"* BYE injected\\r\\n\"]\n")
        }
    }

    @Test func `A message of a gigabyte needs no memory, and a client that does not read holds it up`() async throws {
        let large = IMAPServerMessage(
            content: .made(size: 1 << 30) { offset, count in
                offset == 0
                    ? Array("Subject: big\r\n\r\n".utf8) + [UInt8](repeating: 120, count: count - 16)
                    : [UInt8](repeating: 120, count: count)
            }
        )
        try await IMAPTestServer.withServer(configuration([large])) { server in
            let output = try await python(
                server,
                """
                connection = connect(); file = connection.makefile("rb")
                file.readline(); connection.sendall(b'a LOGIN u "secret word"\\r\\nb SELECT INBOX\\r\\n')
                while not file.readline().startswith(b"b OK"): pass
                connection.sendall(b"c FETCH 1 (UID ENVELOPE BODY BODY.PEEK[HEADER] BODY.PEEK[1]<1000000000.5>)\\r\\n")
                show([file.readline() for _ in range(4)])
                show(file.readline()); file.readline()
                connection.sendall(b"d FETCH 1 BODY.PEEK[]\\r\\n")
                size = int(re.search(rb"{(\\d+)}", file.readline()).group(1))
                time.sleep(0.2)
                show(size)
                while size > 0: size -= len(file.read(min(size, 1 << 20)))
                show([file.readline() for _ in range(2)])
                """
            )
            #expect(
                output == """
                    ["* 1 FETCH (UID 1 ENVELOPE (NIL \\"big\\" NIL NIL NIL NIL NIL NIL NIL NIL) BODY (\\"TEXT\\" \\"PLAIN\\" NIL NIL NIL \\"7BIT\\" 1073741808 0) BODY[HEADER] {16}\\r\\n", "Subject: big\\r\\n", "\\r\\n", " BODY[1]<1000000000> {5}\\r\\n"]
                    "xxxxx)\\r\\n"
                    1073741824
                    [")\\r\\n", "d OK done\\r\\n"]

                    """
            )
            #expect(server.violations == [] && server.connections.count == 1)
        }
    }

    @Test func `Ten thousand messages are listed in one command`() async throws {
        let messages = (1...10_000).map { number in
            IMAPServerMessage(
                text: """
                    Date: Fri, 17 Jul 2026 02:44:25 +0000\r
                    From: "Sender \(number)" <sender@example.org>\r
                    To: one@example.org, Two <two@example.org>\r
                    Message-ID: <\(number)@example.org>\r
                    Subject: Number \(number)\r
                    \r
                    Text \(number)\r

                    """
            )
        }
        try await IMAPTestServer.withServer(configuration(messages)) { server in
            let output = try await python(
                server,
                """
                imap = signed_in(); imap.select()
                start = time.time()
                lines = imap.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")[1]
                print(time.time() - start, file=sys.stderr)
                start = time.time()
                bodies = imap.fetch("1:*", "(UID BODY.PEEK[])")[1]
                print(time.time() - start, file=sys.stderr)
                show(len(lines)); show(len(bodies)); show(lines[-1])
                """
            )
            let lines = output.split(separator: "\n")
            #expect(lines.prefix(2) == ["10000", "20000"] && lines.last?.contains("10000@example.org") == true)
        }
    }
}
