import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

/// What a client sees of the faults on a real connection.
@Suite(.undisturbed) struct FaultyServerTests {
    private static let begin = """
        def begin():
            raw = connect()
            if authority:
                context = trusting()
                raw = context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)
            raw.recv(1000); raw.sendall(b"EHLO c\\r\\n"); raw.recv(10000)
            return raw
        def envelope(raw):
            for line in [b"MAIL FROM:<a@example.org>", b"RCPT TO:<b@example.org>", b"DATA"]:
                raw.sendall(line + b"\\r\\n"); raw.recv(1000)

        """

    private func server(
        _ faults: [SMTPServerFault],
        _ security: ServerSecurity = .none,
        _ body: (SMTPTestServer) async throws -> Void
    ) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = security
        configuration.faults = faults
        try await SMTPTestServer.withServer(configuration, body)
    }

    @Test(arguments: [
        (ServerEnding.close, "closed", "closed"), (.cut, "closed", "cut"),
        // Under TLS, Python tells no reset from an end without close_notify.
        (.reset, "reset", "cut"),
        (.silence, "silent", "silent"), (.stopReading, "silent", "silent"),
    ])
    func `A connection ends in every way, and the message is there`(
        ending: ServerEnding,
        clear: String,
        encrypted: String
    ) async throws {
        for (security, expected) in [(ServerSecurity.none, clear), (.implicitTLS, encrypted)] {
            try await server([.at(.endOfMessage, .end(ending))], security) { server in
                let output = try await python(
                    server,
                    Self.begin + """
                        raw = begin(); envelope(raw); raw.sendall(b"x\\r\\n.\\r\\n")
                        if "\(expected)" == "silent": raw.settimeout(0.3)
                        show(rest(raw))
                        """
                )
                #expect(output == "[\"\", \"\(expected)\"]\n")
                #expect(try await server.waitForMessages(count: 1).map(\.text) == ["x\r\n"])
                try await server.waitForDisconnects()
            }
        }
    }

    @Test func `A server that stops reading holds up who goes on sending`() async throws {
        try await server([.at(.data, .endAfterReply(.stopReading))]) { server in
            let output = try await python(
                server,
                Self.begin + """
                    raw = begin(); envelope(raw); raw.settimeout(1)
                    try: raw.sendall(bytes(64 << 20)); show("all sent")
                    except socket.timeout: show("held up")
                    """
            )
            #expect(output == "\"held up\"\n" && server.messages.isEmpty)
        }
    }

    @Test func `Octets are counted on the wire of the conversation`() async throws {
        for security in [ServerSecurity.none, .implicitTLS] {
            try await server([.afterReceiving(60, .close).onConnection(.first), .afterSending(20, .close)], security) {
                let output = try await python(
                    $0,
                    """
                    def run():
                        raw = connect()
                        if authority: raw = trusting().wrap_socket(raw, server_hostname="localhost")
                        return raw
                    show(rest(run()))
                    """
                )
                #expect(output == "[\"220 localhost ESMTP \", \"closed\"]\n")
                #expect($0.connections.first?.faults == [.afterSending(20, .close)])
            }
        }
    }

    @Test func `A delay holds back what comes after it, and drops nothing`() async throws {
        try await server([.at(.mail, .delay(.milliseconds(100))), .at(.noop, .drip(every: .milliseconds(1)))]) {
            let output = try await python(
                $0,
                Self.begin + """
                    raw = begin(); start = time.monotonic()
                    raw.sendall(b"MAIL FROM:<a@example.org>\\r\\nRCPT TO:<b@example.org>\\r\\n"); time.sleep(0.02)
                    raw.sendall(b"BDAT 3 LAST\\r\\nabc"); raw.sendall(b"NOOP\\r\\nQUIT\\r\\n")
                    show([line[:3] for line in rest(raw)[0].splitlines()]); show(time.monotonic() - start > 0.1)
                    """
            )
            #expect(output == "[\"250\", \"250\", \"250\", \"250\", \"221\"]\ntrue\n")
            #expect($0.messages.map(\.text) == ["abc"])
        }
    }

    @Test func `What was sent during a delay is taken though the client has gone`() async throws {
        try await server([.at(.ehlo, .delay(.milliseconds(200)))]) { server in
            _ = try await python(
                server,
                """
                raw = connect(); raw.recv(100)
                raw.sendall(b"EHLO c\\r\\n"); time.sleep(0.05)
                raw.sendall(b"MAIL FROM:<a@example.org>\\r\\nRCPT TO:<b@example.org>\\r\\nBDAT 3 LAST\\r\\nabc"); raw.close()
                """
            )
            try await server.waitForMessages(count: 1)
            try await server.waitForDisconnects()
        }
    }

    @Test(arguments: [
        (SMTPServerFault.Act.end(.close), "closed"), (.end(.reset), "reset"),
        (.answer(SMTPServerReply(octets: Array("220 what?\r\n".utf8))), "no TLS"),
        (.cut(after: 50, .close), "closed"), (.cut(after: 300, .reset), "reset"), (.lose, "silent"),
        (.end(.silence), "silent"), (.drip(every: .nanoseconds(1)), "fine"), (.delay(.milliseconds(10)), "fine"),
        (.endAfterReply(.close), "nothing"),
    ])
    func `A handshake is broken in every way`(act: SMTPServerFault.Act, expected: String) async throws {
        for security in [ServerSecurity.implicitTLS, .startTLS] {
            try await server([.at(.handshake, act).onConnection(.first)], security) { server in
                let output = try await python(
                    server,
                    """
                    def attempt(limit):
                        # A reset may come before the system has told of the connection.
                        try: raw = connect()
                        except ConnectionResetError: return "reset"
                        if "\(security == .startTLS)" == "true":
                            raw.recv(1000); raw.sendall(b"EHLO c\\r\\n"); raw.recv(10000)
                            raw.sendall(b"STARTTLS\\r\\n"); assert raw.recv(1000).startswith(b"220 ")
                        raw.settimeout(limit)
                        try:
                            raw = trusting().wrap_socket(raw, server_hostname="localhost")
                            if "\(security == .startTLS)" == "true": raw.sendall(b"NOOP\\r\\n")
                            return "fine" if raw.recv(1000) else "nothing"
                        except ConnectionResetError: return "reset"
                        except (ssl.SSLEOFError, ssl.SSLZeroReturnError): return "closed"
                        except ssl.SSLError as error: return "no TLS" if "WRONG_VERSION" in str(error) else str(error)
                        except socket.timeout: return "silent"
                    show(attempt(3 if "\(expected)" == "silent" else 30)); show(attempt(30))
                    """
                )
                #expect(output == "\"\(expected)\"\n\"fine\"\n", "\(security)")
                #expect(server.connections.map(\.faults.count) == [1, 0])
            }
        }
    }

    @Test func `Octets that follow STARTTLS in the clear come before the handshake`() async throws {
        try await server([.at(.startTLS, .surplus("250 SIZE 1"))], .startTLS) {
            let output = try await python(
                $0,
                """
                raw = connect(); raw.recv(1000); raw.sendall(b"EHLO c\\r\\n"); raw.recv(10000)
                raw.sendall(b"STARTTLS\\r\\n"); show(raw.recv(1000).decode())
                wrapped = trusting().wrap_socket(raw, server_hostname="localhost"); wrapped.sendall(b"NOOP\\r\\n")
                show(wrapped.recv(1000).decode()[:3])
                """
            )
            #expect(output == "\"220 2.0.0 go ahead\\r\\n250 SIZE 1\\r\\n\"\n\"250\"\n")
        }
    }

    @Test(arguments: [
        (SMTPServerReply?.some("421 4.4.2 bye"), ServerEnding.close, "421 4.4.2 bye\\r\\n", "closed"),
        (nil, .close, "", "closed"), (nil, .reset, "", "reset"),
    ])
    func `A server without patience ends idle connections`(
        reply: SMTPServerReply?,
        ending: ServerEnding,
        text: String,
        expected: String
    ) async throws {
        let fault = SMTPServerFault.whenIdle(for: .milliseconds(50), saying: reply, ending).onMessage(.from(1))
        try await server([fault]) { server in
            let output = try await python(
                server,
                Self.begin + """
                    raw = begin(); time.sleep(0.15); raw.sendall(b"NOOP\\r\\n"); show(raw.recv(1000).decode()[:3])
                    raw.sendall(b"MAIL FROM:<a@example.org>\\r\\n"); raw.recv(1000); show(rest(raw))
                    """
            )
            #expect(output == "\"250\"\n[\"\(text)\", \"\(expected)\"]\n")
            #expect(server.connections.first?.faults == [fault])
        }
    }

    @Test func `Under load the books agree with what the clients know`() async throws {
        let faults: [SMTPServerFault] = [
            .at(.endOfMessage, .answer("451 4.3.0 later")), .at(.endOfMessage, .end(.close)),
            .at(.endOfMessage, .end(.close)).taking(false), .at(.mail, .end(.close)), .afterReceiving(40, .close),
            .at(.endOfMessage, .cut(after: 3, .close)),
        ]
        try await server([.random(seed: 4_711, probability: 0.2, per: .message, of: faults)]) { server in
            let output = try await python(
                server,
                """
                import threading
                counts = {"taken": 0, "not taken": 0, "unknown": 0}; lock = threading.Lock()
                def count(word):
                    with lock: counts[word] += 1
                def work():
                    raw = lines = None
                    for number in range(25):
                        if raw is None:
                            raw = connect(); lines = raw.makefile("rb"); lines.readline(); raw.sendall(b"EHLO c\\r\\n")
                            while lines.readline()[3:4] == b"-": pass
                        sent = False; done = None
                        for text in [b"MAIL FROM:<a@example.org>", b"RCPT TO:<b@example.org>", b"BDAT 3 LAST\\r\\nabc"]:
                            sent = text.startswith(b"BDAT")
                            try: raw.sendall(text + (b"" if sent else b"\\r\\n")); line = lines.readline()
                            except OSError: line = b""
                            if not line.endswith(b"\\n"):
                                done = "unknown" if sent else "not taken"; raw.close(); raw = None; break
                            if line[:1] != b"2": done = "not taken"; break
                        count(done or "taken")
                        if done == "not taken" and raw: raw.sendall(b"RSET\\r\\n"); lines.readline()
                threads = [threading.Thread(target=work) for _ in range(8)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                show([counts["taken"], counts["not taken"], counts["unknown"]])
                """
            )
            let counts = output.split { !$0.isNumber }.compactMap { Int($0) }
            try #require(counts.count == 3)
            try await server.waitForDisconnects()
            let struck = server.connections.flatMap(\.faults)
            let takenUnknown = struck.count { $0 == faults[1] || $0 == faults[5] }
            #expect(
                counts.reduce(0, +) == 200
                    && counts[2] == struck.count { [faults[1], faults[2], faults[5]].contains($0) }
            )
            #expect(server.messages.count == counts[0] + takenUnknown)
            #expect(Set(struck).count == faults.count)
        }
    }
}
