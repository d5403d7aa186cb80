import Foundation
import TestSupport
import Testing

@Suite("The readers and scripted servers that tests use", .undisturbed)
struct SupportToolTests {
    @Test("smtp-sink takes a message and shows it")
    func sink() async throws {
        let sink = try await SMTPSink.start(["-8"])
        let script = """
            import smtplib, sys
            s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
            print(s.ehlo("test")[0], s.has_extn("8bitmime"))
            s.sendmail("a@example.org", ["b@example.org"], b"Subject: sunk\\r\\n\\r\\nbody\\r\\n"); s.quit()
            """
        let result = try await run("python3", ["-c", script, "\(sink.port)"]).check()
        #expect(result.output == "250 False\n")
        let messages = try await eventually("the dump") { () -> [[UInt8]]? in
            let messages = try sink.messages()
            return messages.isEmpty ? nil : messages
        }
        let text = String(decoding: messages[0], as: UTF8.self)
        #expect(text.contains("X-Rcpt-Args: <b@example.org>"))
        #expect(text.contains("Subject: sunk\n\nbody\n"))
        await sink.stop()
    }

    @Test("Python reads headers, names and contents of a message's parts")
    func parser() async throws {
        let message = """
            From: =?utf-8?q?J=C3=B6rg?= <j@example.org>
            To: a@example.org, "B, C" <b@example.org>
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
            Content-Type: multipart/mixed; boundary=x

            --x
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Gr=C3=BC=C3=9Fe
            --x
            Content-Type: application/octet-stream
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename*=utf-8''%E2%82%AC.bin
            Content-ID: <1@x>

            AAEC/w==
            --x
            Content-Type: message/rfc822

            Subject: inner

            text
            --x--

            """.replacing("\n", with: "\r\n")
        let read = try await PythonParser.parse(Array(message.utf8))
        #expect(read.subject == "Grüße")
        #expect(read.from.map(\.name) == ["Jörg"] && read.from.map(\.address) == ["j@example.org"])
        #expect(read.to.map(\.name) == ["", "B, C"])
        #expect(
            read.tree == ["multipart/mixed", "text/plain", "application/octet-stream", "message/rfc822", "text/plain"]
        )
        #expect(read.parts.map(\.path) == ["1", "2", "3.1"])
        #expect(read.parts[0].text == "Grüße")
        #expect(read.parts[1].filename == "€.bin")
        #expect(read.parts[1].disposition == "attachment")
        #expect(read.parts[1].contentID == "<1@x>")
        #expect(read.parts[1].size == 4)
        #expect(read.parts[1].sha256 == "3d1f57c984978ef98a18378c8166c1cb8ede02c03eeb6aee7e2f121dfeee3e56")
        #expect(read.defects.isEmpty)
    }

    @Test("A scripted server plays its part and records what came")
    func transcript() async throws {
        let server = try TranscriptServer(scripts: [
            [
                .send("220 hi\r\n"), .expect("ehlo "), .drip("250 ok\r\n", every: .milliseconds(1)),
                .expectExactly("MAIL"), .receive(through: "\r\n.\r\n"), .send("250 taken\r\n"), .halfClose, .drain,
            ],
            [.send("220 hi\r\n"), .expect("HELO")],
            [.flood("250-x\r\n", limit: 50_000_000)],
            [.stall],
            [.expect("x"), .reset],
        ])
        let result = try await run(
            "python3",
            [
                "-c",
                """
                import socket, sys
                port = int(sys.argv[1])
                def connect(): return socket.create_connection(("127.0.0.1", port), 10)
                s = connect(); f = s.makefile("rb")
                print(f.readline()); s.sendall(b"EHLO x\\r\\n"); print(f.readline())
                s.sendall(b"MAIL and so on\\r\\n.\\r\\n"); print(f.readline(), f.read()); s.sendall(b"QUIT\\r\\n"); s.close(); f.close()
                s = connect(); s.recv(100); s.sendall(b"EHLO x\\r\\n"); print(s.recv(100)); s.close()
                s = connect(); s.recv(100000); s.close()
                stalled = connect(); stalled.settimeout(0.2)
                try: stalled.recv(1)
                except TimeoutError: print("stalled")
                s = connect(); s.sendall(b"x\\r\\n")
                try: s.recv(1)
                except ConnectionResetError: print("reset")
                """, "\(server.port)",
            ]
        ).check()
        #expect(
            result.output == """
                b'220 hi\\r\\n'
                b'250 ok\\r\\n'
                b'250 taken\\r\\n' b''
                b''
                stalled
                reset

                """
        )
        server.stop()
        let connections = try await eventually("the end of all connections") {
            server.connections.allSatisfy(\.isFinished) ? server.connections : nil
        }
        try #require(connections.count == 5)
        #expect(connections[0].receivedText == "EHLO x\r\nMAIL and so on\r\n.\r\nQUIT\r\n")
        #expect(connections[0].failure == nil)
        #expect(connections[1].failure?.contains("EHLO x") == true)
        #expect(connections[2].sentCount > 0 && connections[2].sentCount < 50_000_000)
        #expect(!processListens(on: server.port))
    }

    @Test("A scripted server's expectations reach the test")
    func expectation() async throws {
        let server = try TranscriptServer([.expect("EHLO")])
        try await run(
            "python3",
            ["-c", "import socket; socket.create_connection(('127.0.0.1', \(server.port))).sendall(b'HELO x\\r\\n')"]
        ).check()
        await #expect(throws: SupportError.self) { try await server.finished() }
    }
}

/// Whether somebody listens on a port of 127.0.0.1, from /proc/net/tcp.
private func processListens(on port: Int) -> Bool {
    let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
    let wanted = "0100007F:" + String(port, radix: 16, uppercase: true)
    return table.split(separator: "\n").contains { line in
        let words = line.split(separator: " ")
        return words.count > 3 && words[1] == wanted && words[3] == "0A"
    }
}
