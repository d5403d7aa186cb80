import Posthorn
import TestSupport
import Testing

@testable import PosthornTesting

@Suite(.undisturbed) struct SignInTests {
    private func talk(encryption: ServerEncryption? = nil) -> Conversation {
        var talk = Conversation(encryption: encryption) {
            $0.users = ["user": "pencil"]
            $0.mechanisms += ["ANONYMOUS", "EXTERNAL"]
            $0.requiresAuthentication = true
        }
        talk.say("EHLO c")
        return talk
    }

    private func base64(_ text: String) -> String {
        String(decoding: Base64Text.encode(Array(text.utf8)), as: UTF8.self)
    }

    private func decoded(_ reply: String) -> String {
        let text = reply.dropFirst(4).split(separator: "\n").first ?? ""
        return String(decoding: Base64Text.decode(text.utf8) ?? [], as: UTF8.self)
    }

    @Test func `Mail is refused before the sign-in`() {
        var talk = talk()
        #expect(talk.say("MAIL FROM:<a@example.org>") == "530 5.7.0 sign in first\n")
        #expect(talk.say("AUTH PLAIN " + base64("\0user\0pencil")) == "235 2.7.0 welcome\n")
        #expect(talk.say("AUTH PLAIN " + base64("\0user\0pencil")).hasPrefix("503 "))
        talk.say("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>")
        talk.say("DATA")
        talk.say("x\n.")
        #expect(talk.messages.first?.user == "user" && talk.messages.first?.mechanism == "PLAIN")
        #expect(
            talk.commands.contains("AUTH PLAIN <hidden>") && !talk.commands.joined().contains(base64("\0user\0pencil"))
        )
    }

    @Test(arguments: [
        "AUTH PLAIN", "AUTH LOGIN", "AUTH CRAM-MD5", "AUTH SCRAM-SHA-256", "AUTH XOAUTH2", "AUTH OAUTHBEARER",
    ])
    func `A sign-in can be cancelled, and nonsense is refused`(command: String) {
        var talk = talk()
        #expect(talk.say(command).hasPrefix("334 "))
        #expect(talk.say("*") == "501 5.7.0 sign-in cancelled\n")
        #expect(talk.say(command).hasPrefix("334 "))
        #expect(talk.say("not base64!").hasPrefix("501 "))
        #expect(talk.say("NOOP") == "250 2.0.0 Ok\n")
    }

    @Test func `LOGIN asks for name and password`() {
        var talk = talk()
        #expect(decoded(talk.say("AUTH LOGIN")) == "Username:")
        #expect(decoded(talk.say(base64("user"))) == "Password:")
        #expect(talk.say(base64("wrong")) == "535 5.7.8 user name or password is wrong\n")
        #expect(decoded(talk.say("AUTH LOGIN " + base64("user"))) == "Password:")
        #expect(talk.say(base64("pencil")).hasPrefix("235 "))
    }

    @Test func `SCRAM-SHA-256 agrees with the example of RFC 7677`() throws {
        let context = SASLServerExchange.Context(users: ["user": "pencil"], hostName: "localhost")
        let salt = try #require(Base64Text.decode("W22ZaJ0SNY7soEsUEjb6gQ==".utf8))
        var server = ScramServer(
            usesChannelBinding: false,
            context: context,
            nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            salt: salt
        )
        func answer(_ text: String) throws -> String {
            switch try server.respond(Array(text.utf8)) {
            case .challenge(let octets): String(decoding: octets, as: UTF8.self)
            case .success(let user): "success \(user)"
            case .failure: "failure"
            case .malformed: "malformed"
            }
        }
        #expect(
            try answer("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
                == "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        )
        #expect(
            try answer(
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                    + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            ) == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        )
        #expect(try answer("") == "success user")
    }

    @Test(arguments: [
        ("y,,n=user,r=abc", "535"), ("p=tls-exporter,,n=user,r=abc", "535"), ("n,a=other,n=user,r=abc", "535"),
        ("n,,n=user", "501"), ("n,,n=user,r=", "501"), ("x,,n=user,r=abc", "501"), ("", "501"), (",,,", "501"),
    ])
    func `SCRAM refuses downgrades and nonsense`(first: String, code: String) {
        var talk = talk(encryption: ServerEncryption(exporter: [1, 2, 3]))
        #expect(talk.say("AUTH SCRAM-SHA-256 " + (first.isEmpty ? "=" : base64(first))).hasPrefix(code))
    }

    @Test func `XOAUTH2 and OAUTHBEARER take a token, and tell of a wrong one`() {
        var talk = talk()
        #expect(decoded(talk.say("AUTH XOAUTH2 " + base64("user=user\u{1}auth=Bearer no\u{1}\u{1}"))).contains("401"))
        #expect(talk.say("").hasPrefix("535 "))
        #expect(talk.say("AUTH XOAUTH2 " + base64("user=user\u{1}auth=Bearer pencil\u{1}\u{1}")).hasPrefix("235 "))
        talk = self.talk()
        let head = "n,a=user,\u{1}host=localhost\u{1}port=587\u{1}"
        #expect(decoded(talk.say("AUTH OAUTHBEARER " + base64(head + "auth=Bearer no\u{1}\u{1}"))).contains("invalid"))
        #expect(talk.say("AQ==").hasPrefix("535 "))
        #expect(talk.say("AUTH OAUTHBEARER " + base64(head + "auth=Bearer pencil\u{1}\u{1}")).hasPrefix("235 "))
    }

    @Test func `ANONYMOUS needs no account, EXTERNAL a certificate`() {
        var talk = talk()
        #expect(!talk.say("EHLO c").contains("EXTERNAL"))
        #expect(talk.say("AUTH EXTERNAL =").hasPrefix("504 "))
        #expect(talk.say("AUTH ANONYMOUS " + base64("trace")).hasPrefix("235 "))
        talk = self.talk(encryption: ServerEncryption(hasClientCertificate: true))
        #expect(talk.say("AUTH EXTERNAL " + base64("workstation")).hasPrefix("235 "))
        #expect(talk.session.user == "workstation")
    }

    @Test func `Too many failures end the connection`() {
        var talk = talk()
        for round in 1...3 {
            #expect(!talk.isClosed)
            let reply = talk.say("AUTH PLAIN " + base64("\0user\0no\(round)"))
            #expect(reply.hasPrefix("535 5.7.8") && reply.contains("421") == (round == 3))
        }
        #expect(talk.isClosed)
    }

    @Test func `A sign-in without encryption is refused and noted where STARTTLS is possible`() {
        var talk = Conversation {
            $0.security = .startTLS
            $0.users = ["user": "pencil"]
        }
        #expect(!talk.say("EHLO c").contains("AUTH"))
        #expect(talk.say("AUTH PLAIN " + base64("\0user\0pencil")).hasPrefix("538 "))
        #expect(talk.violations == ["the client tried to sign in without encryption"])
        talk.say("STARTTLS")
        talk.established(ServerEncryption(exporter: [1]))
        #expect(
            talk.say("EHLO c").contains(
                "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 OAUTHBEARER XOAUTH2 CRAM-MD5 PLAIN LOGIN"
            )
        )
    }

    @Test func `Base64 is strict`() {
        for count in 0..<70 {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
            #expect(Base64Text.decode(Base64Text.encode(octets)) == octets)
        }
        for text in ["A", "AA", "AAA", "AB==", "A===", "====", "AA=A", "AAA=AAAA", "AA A", "AAAA\n", "AA==="] {
            #expect(Base64Text.decode(text.utf8) == nil, "\(text)")
        }
        #expect(String(decoding: Base64Text.encode(Array("foob".utf8)), as: UTF8.self) == "Zm9vYg==")
    }
}
