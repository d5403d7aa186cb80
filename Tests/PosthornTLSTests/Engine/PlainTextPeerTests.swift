import PosthornTLS
import TestSupport
import Testing

/// Peers that do not speak TLS at all: what was meant is said in plain words.
@Suite(.computing) struct PlainTextPeerTests {
    private func makeClient() throws -> TLSEngine {
        let engine = try TLSEngine(
            context: Setup.client(trusting: CertificateAuthority.shared.certificate),
            serverName: TLSServerName("mail.example.org")
        )
        try engine.start()
        return engine
    }

    /// The error after the octets came in pieces of the size and the connection ended.
    private func outcome(_ engine: TLSEngine, _ octets: [UInt8], pieceSize: Int) -> TLSError? {
        for start in stride(from: 0, to: octets.count, by: pieceSize) {
            let piece = Array(octets[start..<min(start + pieceSize, octets.count)])
            if let error = catching({ try engine.receive(piece) }) { return error }
        }
        return engine.receivedEOF()
    }

    @Test(
        arguments: [
            ("220 mail.example.org ESMTP\r\n", "SMTP"), ("554 go away\r\n", "SMTP"), ("220-hello\r\n", "SMTP"),
            ("+OK ready\r\n", "POP3"), ("-ERR no\r\n", "POP3"), ("* OK IMAP4rev1\r\n", "IMAP"),
            ("* PREAUTH hi\r\n", "IMAP"), ("* BYE\r\n", "IMAP"), ("* OK", "IMAP"),
        ],
        [1, 3, 100]
    )
    func `a mail server in the clear is named with the way out`(
        greeting: (text: String, name: String),
        pieceSize: Int
    ) throws {
        let error = try outcome(makeClient(), Array(greeting.text.utf8), pieceSize: pieceSize)
        #expect(error?.code == .notTLS)
        #expect(
            error?.message == "mail.example.org speaks plain \(greeting.name) on this port, not TLS: use "
                + "`security: starttls`, or the port for TLS (465 for SMTP, 993 for IMAP, 995 for POP3)"
        )
    }

    @Test(arguments: [("HTTP/1.1 400 Bad Request\r\n", "HTTP"), ("SSH-2.0-OpenSSH_9.2\r\n", "SSH")])
    func `another server is named`(greeting: (text: String, name: String)) throws {
        let error = try outcome(makeClient(), Array(greeting.text.utf8), pieceSize: 1)
        #expect(error?.code == .notTLS)
        #expect(error?.message.contains("speaks \(greeting.name) on this port, not TLS: check host and port") == true)
    }

    @Test(arguments: ["hello", "22", "2200000000", "* NO", "\u{16}\u{5}abc", "\u{0}", "+", "HTT"])
    func `anything else is no TLS, in any pieces`(text: String) throws {
        let whole = try outcome(makeClient(), Array(text.utf8), pieceSize: 100)
        #expect(whole?.code == .notTLS)
        #expect(whole?.message.contains("does not speak TLS on this port") == true)
        #expect(try outcome(makeClient(), Array(text.utf8), pieceSize: 1) == whole)
    }

    @Test func `a server that goes on in the clear after STARTTLS gets no advice to use it`() throws {
        let engine = try makeClient()
        engine.beganInTheClear = true
        let error = outcome(engine, Array("454 4.7.0 TLS not available\r\n".utf8), pieceSize: 100)
        #expect(error?.code == .notTLS)
        #expect(error?.message.contains("went on in the clear (SMTP) after it had agreed to TLS") == true)
        #expect(error?.message.contains("starttls") == false)
    }

    @Test func `a client in the clear is told from one of TLS by the server`() throws {
        let issued = try CertificateAuthority.shared.issue(.init(names: ["mail.example.org"]))
        let engine = try TLSEngine(serverContext: Setup.server(issued))
        try engine.start()
        let error = outcome(engine, Array("EHLO me\r\n".utf8), pieceSize: 2)
        #expect(error?.code == .notTLS)
        #expect(error?.message == "the client speaks plain SMTP on a port for TLS")
    }
}
