import Foundation
import TestSupport
import Testing

@Suite("The servers that tests use", .undisturbed)
struct SupportTests {
    @Test("A message sent by Python over STARTTLS arrives in the user's Maildir", arguments: ["PLAIN", "CRAM-MD5"])
    func submission(mechanism: String) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let body = "Grüße 📯\r\n.\r\n..two dots\r\n"
        try await send(body, mechanism: mechanism, servers: servers, user: user, implicitTLS: false)
        let message = try #require(try await servers.mailbox(of: user).messages(1).first)
        let text = String(decoding: message, as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\n" + body))
        #expect(text.contains("with ESMTPSA id"))
    }

    @Test("A message sent by Python over implicit TLS arrives in the user's Maildir")
    func submissions() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser(password: "spaces, :colons: and ümlauts ✉")
        try await send("over TLS\r\n", mechanism: "PLAIN", servers: servers, user: user, implicitTLS: true)
        let message = try #require(try await servers.mailbox(of: user).messages(1).first)
        #expect(String(decoding: message, as: UTF8.self).hasSuffix("over TLS\r\n"))
    }

    @Test("SCRAM-SHA-256 and every extension are announced after STARTTLS, sign-in not before")
    func capabilities() async throws {
        let servers = try await MailServers.shared()
        let result = try await python(
            """
            import smtplib, ssl, sys
            s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
            s.ehlo("test"); print("before", s.ehlo_resp.decode().split("\\n"))
            s.starttls(context=ssl.create_default_context(cafile=sys.argv[2]))
            s.ehlo("test"); print("after", s.ehlo_resp.decode().split("\\n"))
            s.quit()
            """,
            ["\(servers.submissionPort)", try #require(servers.authority).path]
        )
        let lines = result.output.split(separator: "\n")
        let before = try #require(lines.first)
        let after = try #require(lines.last)
        #expect(!before.contains("AUTH"))
        #expect(before.contains("'STARTTLS'"))
        for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"] {
            #expect(after.contains(mechanism), "\(after)")
        }
        for word in ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES"] {
            #expect(after.contains("'\(word)"), "\(after)")
        }
    }

    @Test("An unknown recipient is refused with 550 5.1.1, a chosen one with the chosen reply")
    func refusals() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let busy = try servers.addUser()
        servers.refuse(busy.address, with: "450 4.2.1 The mailbox is busy")
        let result = try await python(
            """
            import smtplib, sys
            s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
            s.ehlo("test"); s.mail("someone@posthorn.test")
            for address in sys.argv[2:]:
                code, text = s.rcpt(address)
                print(code, text.decode())
            s.quit()
            """,
            ["\(servers.relayPort)", user.address, "nobody-at-all@posthorn.test", busy.address, "x@elsewhere.test"]
        )
        let lines = result.output.split(separator: "\n")
        try #require(lines.count == 4)
        #expect(lines[0].hasPrefix("250 2.1.5"))
        #expect(lines[1].hasPrefix("550 5.1.1"))
        #expect(lines[2].hasPrefix("450 4.2.1") && lines[2].hasSuffix("The mailbox is busy"))
        #expect(lines[3].hasPrefix("250 2.1.5"))
    }

    @Test("A wrong password is refused, and nobody submits without signing in")
    func signIn() async throws {
        let servers = try await MailServers.shared()
        var user = try servers.addUser()
        user.password += "x"
        let wrong = user
        await #expect(throws: SupportError.self) {
            try await send("x", mechanism: "PLAIN", servers: servers, user: wrong, implicitTLS: true)
        }
        await #expect(throws: SupportError.self) {
            try await send("x", mechanism: nil, servers: servers, user: wrong, implicitTLS: true)
        }
    }

    @Test("A changed password is the only one that works")
    func changedPassword() async throws {
        let servers = try await MailServers.shared()
        let old = try servers.addUser(password: "one")
        try await send("1", mechanism: "PLAIN", servers: servers, user: old, implicitTLS: true)
        var new = old
        try await servers.changePassword(of: &new, to: "two")
        try await send("2", mechanism: "PLAIN", servers: servers, user: new, implicitTLS: true)
        await #expect(throws: SupportError.self) {
            try await send("3", mechanism: "PLAIN", servers: servers, user: old, implicitTLS: true)
        }
    }

    @Test("A token signs in by XOAUTH2, an expired one does not")
    func token() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let script = """
            import smtplib, ssl, sys
            s = smtplib.SMTP_SSL("127.0.0.1", int(sys.argv[1]), context=ssl.create_default_context(cafile=sys.argv[2]))
            s.ehlo("test")
            words = "user=%s\\x01auth=Bearer %s\\x01\\x01" % (sys.argv[3], sys.argv[4])
            def answer(challenge=None):
                return words if challenge is None else ""
            print(s.auth("XOAUTH2", answer)[0])
            """
        let authority = try #require(servers.authority).path
        let common = ["\(servers.submissionsPort)", authority, user.name]
        let good = try await servers.oauthToken(for: user)
        let result = try await python(script, common + [good])
        #expect(result.output == "235\n", "\(servers.diagnosis)")
        let expired = try await servers.oauthToken(for: user, lifetime: .seconds(-60))
        await #expect(throws: SupportError.self) { try await python(script, common + [expired]) }
    }

    @Test("Mail with addresses and headers outside ASCII is delivered")
    func internationalized() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser("jörg-\(UInt32.random(in: 0 ... .max))")
        let result = try await python(
            """
            import smtplib, sys
            s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
            s.ehlo("test")
            message = ("Subject: Grüße\\r\\nTo: %s\\r\\n\\r\\nx\\r\\n" % sys.argv[2]).encode()
            s.sendmail("someone@posthorn.test", sys.argv[2:], message, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
            s.quit()
            """,
            ["\(servers.relayPort)", user.utf8Address, user.internationalAddress]
        )
        #expect(result.isSuccess)
        let messages = try await servers.mailbox(of: user).messages(2)
        #expect(String(decoding: messages[0], as: UTF8.self).contains("Subject: Grüße\r\n"))
    }

    @Test("Messages are there over IMAP and POP3, and LMTP is answered")
    func stores() async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        try await send("read me\r\n", mechanism: "PLAIN", servers: servers, user: user, implicitTLS: true)
        _ = try await servers.mailbox(of: user).messages(1)
        let result = try await python(
            """
            import imaplib, poplib, smtplib, ssl, sys
            authority, name, password, imap, imaps, pop, pops, lmtp = sys.argv[1:]
            context = ssl.create_default_context(cafile=authority)
            for connection in (imaplib.IMAP4("127.0.0.1", int(imap)), imaplib.IMAP4_SSL("127.0.0.1", int(imaps), ssl_context=context)):
                if int(imap) == connection.port: connection.starttls(context)
                connection.login(name, password); print(connection.select()[1][0].decode()); connection.logout()
            for connection in (poplib.POP3("127.0.0.1", int(pop)), poplib.POP3_SSL("127.0.0.1", int(pops), context=context)):
                if int(pop) == connection.port: connection.stls(context)
                connection.user(name); connection.pass_(password); print(connection.stat()[0]); connection.quit()
            strict = imaplib.IMAP4("127.0.0.2", int(imap)); print("LOGINDISABLED" in strict.capabilities); strict.shutdown()
            l = smtplib.LMTP("127.0.0.1", int(lmtp)); print(l.ehlo()[0])
            """,
            [
                try #require(servers.authority).path, user.name, user.password, "\(servers.imapPort)",
                "\(servers.imapsPort)", "\(servers.pop3Port)", "\(servers.pop3sPort)", "\(servers.lmtpPort)",
            ]
        )
        #expect(result.output == "1\n1\n1\n1\nTrue\n250\n")
    }

    @Test("A pair of one's own has its own limits, and leaves nothing behind")
    func ownPair() async throws {
        var options = ServerOptions()
        options.messageSizeLimit = 12_345
        options.mechanisms = ["plain"]
        let servers = try await MailServers.start(options)
        let result = try await python(
            """
            import smtplib, sys
            s = smtplib.SMTP("127.0.0.1", int(sys.argv[1])); s.ehlo("test"); print(s.esmtp_features["size"])
            """,
            ["\(servers.relayPort)"]
        )
        #expect(result.output == "12345\n")
        let descendants = try servers.processIDs.flatMap { try processes(below: $0) }
        #expect(descendants.count >= 6)
        await servers.stop()
        for pid in servers.processIDs + descendants { #expect(!processExists(pid)) }
        #expect(!FileManager.default.fileExists(atPath: servers.url.path))
    }
}

/// Runs a Python program to its end.
@discardableResult
private func python(_ script: String, _ arguments: [String]) async throws -> CommandResult {
    try await run("python3", ["-c", script] + arguments).check("python3")
}

/// Sends a message by Python's smtplib, signed in with a mechanism.
private func send(
    _ body: String,
    mechanism: String?,
    servers: MailServers,
    user: MailUser,
    implicitTLS: Bool
) async throws {
    try await python(
        """
        import smtplib, ssl, sys
        implicit, port, authority, mechanism, name, password, address, body = sys.argv[1:]
        context = ssl.create_default_context(cafile=authority)
        if implicit == "true":
            s = smtplib.SMTP_SSL("127.0.0.1", int(port), context=context)
        else:
            s = smtplib.SMTP("127.0.0.1", int(port)); s.starttls(context=context)
        s.ehlo("test")
        if mechanism == "PLAIN":
            import base64
            code, text = s.docmd("AUTH", "PLAIN " + base64.b64encode(("\\0%s\\0%s" % (name, password)).encode()).decode())
            if code != 235: raise Exception((code, text))
        elif mechanism:
            s.user, s.password = name, password
            s.auth(mechanism, getattr(s, "auth_" + mechanism.lower().replace("-", "_")))
        data = ("From: %s\\r\\nTo: %s\\r\\nSubject: test\\r\\n\\r\\n%s" % (address, address, body)).encode()
        s.sendmail(address, [address], data); s.quit()
        """,
        [
            "\(implicitTLS)", "\(implicitTLS ? servers.submissionsPort : servers.submissionPort)",
            try #require(servers.authority).path, mechanism ?? "", user.name, user.password, user.address, body,
        ]
    )
}

/// The process ids of everything that a process has started, from /proc.
private func processes(below pid: Int32) throws -> [Int32] {
    let path = "/proc/\(pid)/task/\(pid)/children"
    let children = try String(contentsOfFile: path, encoding: .utf8).split(separator: " ").compactMap { Int32($0) }
    return children + children.flatMap { (try? processes(below: $0)) ?? [] }
}
