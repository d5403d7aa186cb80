import Posthorn
import PosthornTesting
import TestSupport
import Testing

/// The POP3 server on a real connection: Python's poplib, which knows nothing of it, and plain sockets.
@Suite(.undisturbed) struct POP3TestServerTests {
    private static let prelude = """
        import hashlib, json, poplib, socket, ssl, sys, time
        port = int(sys.argv[1]); authority = sys.argv[2]
        poplib._MAXLINE = 100000
        def trusting():
            return ssl.create_default_context(cafile=authority)
        def show(value):
            print(json.dumps(value))
        def connect():
            return socket.create_connection(("127.0.0.1", port), 30)
        def rest(connection):
            # All that comes until the end, and how it ends.
            octets = b""
            try:
                while True:
                    piece = connection.recv(65536)
                    if not piece: return [octets.decode(), "closed"]
                    octets += piece
            except ConnectionResetError: return [octets.decode(), "reset"]
            except ssl.SSLEOFError: return [octets.decode(), "cut"]
            except socket.timeout: return [octets.decode(), "silent"]

        """

    private func python(_ server: POP3TestServer, _ script: String) async throws -> String {
        let arguments = ["-c", Self.prelude + script, "\(server.port)", server.authorityFile ?? ""]
        return try await run("python3", arguments, timeout: .seconds(100)).check("the script").output
    }

    private func configuration(_ messages: [POP3ServerMessage] = []) -> POP3ServerConfiguration {
        var configuration = POP3ServerConfiguration()
        configuration.users = ["u": "secret word"]
        configuration.messages["u"] = messages
        return configuration
    }

    private let message = POP3ServerMessage(uid: "one", text: "Subject: 1\r\n\r\n.dot\r\nend\r\n")

    @Test(arguments: [ServerSecurity.none, .startTLS, .implicitTLS])
    func `poplib reads and deletes`(security: ServerSecurity) async throws {
        var configuration = configuration([message, POP3ServerMessage(uid: "two", text: "Subject: 2\r\n\r\n")])
        configuration.security = security
        configuration.recordsOctets = true
        try await POP3TestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                kind = "\(security == .none ? "none" : security == .startTLS ? "stls" : "tls")"
                pop = poplib.POP3_SSL("localhost", port, context=trusting()) if kind == "tls" else poplib.POP3("localhost", port)
                if kind == "stls": pop.stls(context=trusting())
                pop.user("u"); pop.pass_("secret word")
                show(pop.stat()); show(pop.retr(1)[1] == [b"Subject: 1", b"", b".dot", b"end"])
                show([line.decode() for line in pop.uidl()[1]]); show(pop.top(1, 1)[1][-1].decode())
                pop.dele(1); pop.quit()
                """
            )
            #expect(output == "[2, 39]\ntrue\n[\"1 one\", \"2 two\"]\n\".dot\"\n")
            #expect(server.maildrop("u").map(\.uid) == ["two"])
            try await server.waitForDisconnects()
            let connection = try #require(server.connections.first)
            #expect(server.violations == [] && connection.isClosed && connection.isEncrypted == (security != .none))
            #expect(connection.commands.last == "QUIT" && connection.commands.contains("PASS <hidden>"))
            let clear = String(decoding: connection.clearOctets, as: UTF8.self)
            #expect(clear.contains("secret") == (security == .none))
        }
    }

    @Test func `poplib signs in with APOP`() async throws {
        try await POP3TestServer.withServer(configuration([message])) { server in
            let output = try await python(
                server,
                """
                pop = poplib.POP3("127.0.0.1", port); pop.apop("u", "secret word"); show(pop.stat()[0]); pop.quit()
                """
            )
            #expect(output == "1\n" && server.violations == [])
        }
    }

    private static let begin = """
        def begin():
            raw = connect()
            if authority:
                raw = trusting().wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)
            raw.recv(1000)
            for line in [b"USER u", b"PASS secret word"]: raw.sendall(line + b"\\r\\n"); raw.recv(1000)
            return raw

        """

    @Test(arguments: [
        (ServerEnding.close, "closed", "closed"), (.cut, "closed", "cut"), (.reset, "reset", "cut"),
        (.silence, "silent", "silent"),
    ])
    func `A body is cut in every way, and nothing is deleted`(
        ending: ServerEnding,
        clear: String,
        encrypted: String
    ) async throws {
        for (security, expected) in [(ServerSecurity.none, clear), (.implicitTLS, encrypted)] {
            var configuration = configuration([message, POP3ServerMessage(uid: "two", text: "x")])
            configuration.security = security
            configuration.faults = [.at(.retr, .cut(after: 20, ending))]
            try await POP3TestServer.withServer(configuration) { server in
                let output = try await python(
                    server,
                    Self.begin + """
                        raw = begin(); raw.sendall(b"DELE 2\\r\\n"); raw.recv(1000); raw.sendall(b"RETR 1\\r\\n")
                        if "\(expected)" == "silent": raw.settimeout(0.3)
                        end = rest(raw); show(end[1]); show(len(end[0]) if end[1] != "reset" else 20)
                        """
                )
                #expect(output == "\"\(expected)\"\n20\n")
                try await server.waitForDisconnects()
                #expect(server.maildrop("u").filter { !$0.isMarkedForDeletion }.map(\.uid) == ["one", "two"])
                #expect(server.connections.map(\.faults.count) == [1])
            }
        }
    }

    @Test(arguments: [ServerSecurity.none, .implicitTLS])
    func `A message of 200 MB waits for a slow reader, and the maildrop is free afterwards`(
        security: ServerSecurity
    ) async throws {
        let line = [UInt8](repeating: UInt8(ascii: "a"), count: 70) + [13, 10]
        let size: UInt64 = 72 * 2_800_000
        var configuration = configuration([POP3ServerMessage(uid: "big", content: .repeating(line, size: size))])
        configuration.security = security
        try await POP3TestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                Self.begin + """
                    raw = begin(); raw.sendall(b"RETR 1\\r\\n"); time.sleep(0.3)
                    count = 0; last = b""; hash = hashlib.sha1(); expected = hashlib.sha1(b"+OK \(size) octets\\r\\n")
                    while not last.endswith(b"\\r\\n.\\r\\n"):
                        piece = raw.recv(1 << 20); count += len(piece); last = (last + piece)[-5:]; hash.update(piece)
                    for block in range(2800): expected.update((b"a" * 70 + b"\\r\\n") * 1000)
                    expected.update(b".\\r\\n"); show(hash.digest() == expected.digest())
                    show(count); raw.sendall(b"QUIT\\r\\n"); show(rest(raw)[0][:3])
                    # One that goes away in the middle leaves the maildrop to the next one.
                    raw = begin(); raw.sendall(b"RETR 1\\r\\n"); raw.recv(1000); raw.close()
                    for attempt in range(100):
                        raw = connect(); raw = trusting().wrap_socket(raw, server_hostname="localhost") if authority else raw
                        raw.recv(1000); raw.sendall(b"USER u\\r\\n"); raw.recv(100)
                        raw.sendall(b"PASS secret word\\r\\n"); text = raw.recv(100); raw.close()
                        if text.startswith(b"+OK"): break
                        time.sleep(0.05)
                    show(text[:3].decode())
                    """
            )
            #expect(output == "true\n\(size + 22 + 3)\n\"+OK\"\n\"+OK\"\n")
        }
    }

    @Test func `An endless line ends when the client goes`() async throws {
        var configuration = configuration([message])
        configuration.faults = [.at(.retr, .endless())]
        try await POP3TestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                Self.begin + """
                    raw = begin(); raw.sendall(b"RETR 1\\r\\n"); count = 0
                    while count < 20 << 20: count += len(raw.recv(1 << 20))
                    raw.close(); show("gone")
                    """
            )
            #expect(output == "\"gone\"\n")
            try await server.waitForDisconnects()
        }
    }

    @Test func `Ten thousand messages come in one flight`() async throws {
        let messages = (1...10_000).map { POP3ServerMessage(uid: "\($0)", text: "a: b\r\n\r\n\($0)\r\n") }
        try await POP3TestServer.withServer(configuration(messages)) { server in
            let output = try await python(
                server,
                Self.begin + """
                    import threading
                    raw = begin()
                    flight = b"".join(b"RETR %d\\r\\nDELE %d\\r\\n" % (n, n) for n in range(1, 10001)) + b"QUIT\\r\\n"
                    thread = threading.Thread(target=raw.sendall, args=(flight,)); thread.start()
                    text, end = rest(raw); thread.join(); show([text.count("\\r\\n.\\r\\n"), end])
                    """
            )
            #expect(output == "[10000, \"closed\"]\n")
            #expect(server.maildrop("u").isEmpty && server.violations == [])
        }
    }

    @Test func `Other programs come and go`() async throws {
        try await POP3TestServer.withServer(configuration([message])) { server in
            server.deliver(Array("a: b\r\n\r\n".utf8), uid: "two", to: "u")
            #expect(server.maildrop("u").map(\.text) == ["Subject: 1\r\n\r\n.dot\r\nend\r\n", "a: b\r\n\r\n"])
            #expect(server.remove(uid: "one") == 1 && server.remove(uid: "one") == 0)
            #expect(server.maildrop("u").map(\.uid) == ["two"] && server.maildrop("nobody").isEmpty)
        }
    }
}
