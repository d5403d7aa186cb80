import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

/// The server against Python's smtplib, which knows nothing of it.
@Suite(.undisturbed) struct SMTPTestServerTests {
    @Test func `A message comes in the clear, with refusals`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.rules.refuseRecipient("gone@example.org")
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example") as smtp:
                    refused = smtp.sendmail("a@example.org", ["b@example.org", "gone@example.org", "c@example.org"], MESSAGE)
                    show({key: value[0] for key, value in refused.items()})
                    try: smtp.sendmail("a@example.org", ["gone@example.org"], MESSAGE)
                    except smtplib.SMTPRecipientsRefused: show("all refused")
                """
            )
            #expect(output == "{\"gone@example.org\": 550}\n\"all refused\"\n")
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.recipients.map(\.address) == ["b@example.org", "c@example.org"])
            #expect(message.text == "From: a@example.org\r\nSubject: Test\r\n\r\n.\r\n..dots\r\nend\r\n")
            #expect(message.clientName == "client.example" && !message.isEncrypted)
            try await server.waitForDisconnects()
            #expect(server.violations == [] && server.connections.map(\.isClosed) == [true])
            #expect(server.connections[0].commands.last == "QUIT")
        }
    }

    @Test(arguments: ["PLAIN", "LOGIN", "CRAM-MD5"])
    func `smtplib signs in`(mechanism: String) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.users = ["info": "secret word"]
        configuration.mechanisms = [mechanism]
        configuration.requiresAuthentication = true
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                with smtplib.SMTP("127.0.0.1", port) as smtp:
                    try: smtp.login("info", "wrong")
                    except smtplib.SMTPAuthenticationError as error: show(error.smtp_code)
                    smtp.login("info", "secret word")
                    smtp.sendmail("a@example.org", "b@example.org", MESSAGE)
                """
            )
            #expect(output == "535\n")
            #expect(server.messages.map(\.user) == ["info"] && server.messages.map(\.mechanism) == [mechanism])
            #expect(server.violations == [])
        }
    }

    @Test func `STARTTLS encrypts, and no credential is in the clear`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .startTLS
        configuration.requiresEncryption = true
        configuration.users = ["info": "PosthornSecretCanary"]
        configuration.recordsOctets = true
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                with smtplib.SMTP("localhost", port, local_hostname="client.example") as smtp:
                    smtp.ehlo()
                    show(smtp.has_extn("auth"))
                    show(smtp.mail("a@example.org")[0])
                    smtp.starttls(context=trusting())
                    smtp.login("info", "PosthornSecretCanary")
                    smtp.sendmail("a@example.org", "b@example.org", MESSAGE)
                """
            )
            #expect(output == "false\n530\n")
            try await server.waitForDisconnects()
            let connection = try #require(server.connections.first)
            let clear = String(decoding: connection.clearOctets, as: UTF8.self)
            #expect(clear == "ehlo client.example\r\nmail FROM:<a@example.org>\r\nSTARTTLS\r\n")
            #expect(
                String(decoding: connection.encryptedOctets, as: UTF8.self).hasSuffix("QUIT\r\n")
                    || connection.isEncrypted
            )
            #expect(server.messages.map(\.isEncrypted) == [true] && server.violations == [])
        }
    }

    @Test(arguments: [["localhost", "127.0.0.1"], ["mail.example.org"]])
    func `Implicit TLS is verified by clients that trust the authority`(names: [String]) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.certificate = .selfMade(names: names)
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                try:
                    with smtplib.SMTP_SSL("127.0.0.1", port, context=trusting()) as smtp:
                        smtp.sendmail("a@example.org", "b@example.org", MESSAGE)
                        show(smtp.sock.version())
                except ssl.SSLCertVerificationError as error: show(error.verify_code)
                try: smtplib.SMTP_SSL("127.0.0.1", port, context=ssl.create_default_context())
                except ssl.SSLCertVerificationError as error: show("not trusted")
                """
            )
            // 64: X509_V_ERR_IP_ADDRESS_MISMATCH
            #expect(output == (names[0] == "localhost" ? "\"TLSv1.3\"" : "64") + "\n\"not trusted\"\n")
            #expect(server.messages.map(\.isEncrypted) == (names[0] == "localhost" ? [true] : []))
            try await server.waitForDisconnects()
            #expect(server.connections.last?.encryptionError != nil)
        }
    }

    @Test(arguments: [true, false])
    func `SCRAM-SHA-256-PLUS binds the sign-in to the connection`(isBoundRightly: Bool) async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.users = ["info": "pencil"]
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                smtp = smtplib.SMTP_SSL("127.0.0.1", port, context=trusting()); smtp.ehlo()
                encode = lambda octets: base64.b64encode(octets).decode()
                binding = hashlib.sha256(smtp.sock.getpeercert(True)).digest()
                if "\(isBoundRightly)" == "false": binding = bytes(32)
                header = b"p=tls-server-end-point,,"
                first = b"n=info,r=abcdef"
                code, answer = smtp.docmd("AUTH SCRAM-SHA-256-PLUS " + encode(header + first))
                challenge = base64.b64decode(answer)
                fields = dict(part.split(b"=", 1) for part in challenge.split(b","))
                salted = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode(fields[b"s"]), int(fields[b"i"]))
                mac = lambda key, text: hmac.new(key, text, "sha256").digest()
                final = b"c=" + encode(header + binding).encode() + b",r=" + fields[b"r"]
                signed = first + b"," + challenge + b"," + final
                key = mac(salted, b"Client Key")
                proof = bytes(a ^ b for a, b in zip(key, mac(hashlib.sha256(key).digest(), signed)))
                code, answer = smtp.docmd(encode(final + b",p=" + encode(proof).encode()))
                show(code)
                if code == 334:
                    show(base64.b64decode(answer) == b"v=" + encode(mac(mac(salted, b"Server Key"), signed)).encode())
                    show(smtp.docmd("")[0])
                smtp.quit()
                """
            )
            #expect(output == (isBoundRightly ? "334\ntrue\n235\n" : "535\n"))
        }
    }

    @Test func `LMTP answers for every recipient over a real connection`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.isLMTP = true
        configuration.rules.onMessage = { _, name in name == "full@example.org" ? "452 4.2.2 full" : nil }
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                # smtplib's own LMTP reads one reply only.
                raw = socket.create_connection(("127.0.0.1", port)); lines = raw.makefile("rb")
                def say(text, count=1):
                    raw.sendall(text.encode() + b"\\r\\n")
                    return [int(lines.readline()[:3]) for _ in range(count)]
                lines.readline(); raw.sendall(b"LHLO c\\r\\n")
                while lines.readline()[3:4] == b"-": pass
                show(say("MAIL FROM:<a@example.org>") + say("RCPT TO:<full@example.org>") + say("RCPT TO:<b@example.org>"))
                show(say("DATA") + say("x\\r\\n.", 2) + say("QUIT"))
                """
            )
            #expect(output == "[250, 250, 250]\n[354, 452, 250, 221]\n")
            #expect(server.messages.map { $0.recipients.map(\.address) } == [["b@example.org"]])
        }
    }

    @Test func `Octets injected before the handshake are noted and not obeyed`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .startTLS
        try await SMTPTestServer.withServer(configuration) { server in
            _ = try await python(
                server,
                """
                raw = socket.create_connection(("127.0.0.1", port)); raw.recv(1000)
                raw.sendall(b"EHLO c\\r\\n"); raw.recv(10000)
                raw.sendall(b"STARTTLS\\r\\nMAIL FROM:<a@example.org>\\r\\n"); raw.recv(1000)
                wrapped = trusting().wrap_socket(raw, server_hostname="localhost")
                wrapped.sendall(b"RCPT TO:<b@example.org>\\r\\n")
                assert wrapped.recv(1000).startswith(b"503")
                """
            )
            #expect(server.violations.contains { $0.contains("STARTTLS") })
        }
    }

    @Test func `Silent connections, too many connections and broken ones end`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.limits.idle = .milliseconds(200)
        configuration.limits.connections = 1
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                first = socket.create_connection(("127.0.0.1", port)); first.recv(1000)
                second = socket.create_connection(("127.0.0.1", port)); show(second.recv(1000).decode()[:9])
                show(second.recv(1000).decode())
                show(first.recv(1000).decode()[:9]); show(first.recv(1000).decode())
                third = socket.create_connection(("127.0.0.1", port)); third.recv(1000)
                third.sendall(b"EHLO c\\r\\nMAIL FROM:<a@example.org>\\r\\nRCPT TO:<b@example.org>\\r\\nDATA\\r\\nhalf")
                third.close()
                """
            )
            #expect(output == "\"421 4.3.2\"\n\"\"\n\"421 4.4.2\"\n\"\"\n")
            try await server.waitForDisconnects()
            #expect(server.messages.isEmpty && server.connections.count == 3)
        }
    }

    @Test func `A large message passes quickly and unchanged`() async throws {
        try await SMTPTestServer.withServer { server in
            let digest = try await python(
                server,
                """
                data = b"Subject: large\\r\\n\\r\\n" + b"".join(b".%074d\\r\\n" % n for n in range(300000))
                print(hashlib.sha256(data).hexdigest())
                with smtplib.SMTP("127.0.0.1", port) as smtp: smtp.sendmail("a@example.org", "b@example.org", data)
                """
            )
            let message = try await server.waitForMessages(count: 1)[0]
            #expect(message.size == 300_000 * 77 + 18 && message.violations == [])
            let checked = try await run("sha256sum", input: message.bytes).check()
            #expect(checked.output.hasPrefix(digest.prefix(64)))
        }
    }

    @Test func `A client certificate signs in by EXTERNAL`() async throws {
        let authority = try CertificateAuthority.shared
        let client = try authority.issue(CertificateRequest(commonName: "workstation", purpose: .client))
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.clientAuthorityFile = authority.certificate.path
        configuration.mechanisms = ["EXTERNAL"]
        configuration.requiresAuthentication = true
        try await SMTPTestServer.withServer(configuration) { server in
            let output = try await python(
                server,
                """
                for shown in [False, True]:
                    context = trusting()
                    if shown: context.load_cert_chain("\(client.chain.path)", "\(client.key.path)")
                    with smtplib.SMTP_SSL("127.0.0.1", port, context=context) as smtp:
                        smtp.ehlo(); show(smtp.esmtp_features.get("auth", "none").strip())
                        if shown: show(smtp.docmd("AUTH EXTERNAL =")[0])
                        show(smtp.mail("a@example.org")[0])
                """
            )
            #expect(output == "\"none\"\n530\n\"EXTERNAL\"\n235\n250\n")
        }
    }

    @Test func `What was taken can be shown to a conformance suite`() async throws {
        try await SMTPTestServer.withServer { server in
            _ = try await python(
                server,
                "smtplib.SMTP('127.0.0.1', port).sendmail('a@example.org', ['b@example.org', 'c@example.org'], MESSAGE)"
            )
            let delivered = try #require(server.delivered.first)
            #expect(delivered.sender == "a@example.org" && delivered.recipients == ["b@example.org", "c@example.org"])
            #expect(delivered.bytes == server.messages[0].bytes)
        }
    }

    @Test func `Dropped connections do not stop the server`() async throws {
        try await SMTPTestServer.withServer { server in
            async let output = python(
                server,
                """
                first = socket.create_connection(("127.0.0.1", port)); first.sendall(b"NOOP\\r\\n")
                show(first.makefile("rb").read()[:3].decode())
                second = socket.create_connection(("127.0.0.1", port)); show(second.recv(1000).decode()[:3])
                """
            )
            while server.connections.first?.commands != ["NOOP"] { try await Task.sleep(for: .milliseconds(5)) }
            await server.dropConnections()
            #expect(try await output == "\"220\"\n\"220\"\n")
        }
    }

    @Test func `A stopped server is gone, and its certificate too`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        var file: String?
        var port = 0
        do {
            let server = try await SMTPTestServer.start(configuration)
            file = server.authorityFile
            port = server.port
            let path = try #require(file)
            #expect(try await run("cat", [path]).check().output.hasPrefix("-----BEGIN CERTIFICATE-----"))
            await server.stop()
            await server.stop()
        }
        let path = try #require(file)
        #expect(try await !run("test", ["-e", path]).isSuccess)
        let script = "import socket, sys\nsocket.create_connection(('127.0.0.1', int(sys.argv[1])))"
        #expect(try await !run("python3", ["-c", script, "\(port)"]).isSuccess)
    }

    @Test func `Waiting for messages ends with an error when none come`() async throws {
        try await SMTPTestServer.withServer { server in
            let error = await #expect(throws: MailError.self) {
                try await server.waitForMessages(count: 1, timeout: .milliseconds(20))
            }
            #expect(error?.code == .timedOut)
        }
    }

    @Test func `A certificate that cannot be used is named`() async throws {
        var configuration = SMTPServerConfiguration()
        configuration.security = .implicitTLS
        configuration.certificate = .files(certificate: "/nowhere/cert.pem", key: "/nowhere/key.pem")
        let broken = configuration
        let error = await #expect(throws: MailError.self) { _ = try await SMTPTestServer.start(broken) }
        #expect(error?.code == .tlsFailed && error?.description.contains("/nowhere/cert.pem") == true)
    }
}
