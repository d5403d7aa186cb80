import Posthorn
import PosthornTLS
import TestSupport
import Testing

@testable import PosthornTesting

/// How clients of the POP3 server sign in.
@Suite(.computing) struct POP3SignInTests {
    private static let bearer = Base64Text.encode(Array("user=u\u{1}auth=Bearer p\u{1}\u{1}".utf8))
    private var bearer: String { String(decoding: Self.bearer, as: UTF8.self) }

    @Test func `The example of RFC 1939 signs in with APOP`() {
        var talk = POP3Conversation {
            $0.users = ["mrose": "tanstaaf"]
            $0.timestamp = "<1896.697170952@dbc.mtview.ca.us>"
        }
        #expect(talk.replies.hasSuffix(" <1896.697170952@dbc.mtview.ca.us>\n"))
        #expect(talk.say("APOP mrose c4c9334bac560ecc979e58001b3e22fa").hasPrefix("-ERR [AUTH] "))
        #expect(talk.say("APOP mrose c4c9334bac560ecc979e58001b3e22fb") == "+OK the maildrop has 0 messages\n")
        #expect(talk.commands.last == "APOP mrose <hidden>")
    }

    @Test func `AUTH takes an initial response, an empty one, or none`() {
        var talk = POP3Conversation()
        #expect(talk.say("AUTH PLAIN AHUAcA==") == "+OK the maildrop has 2 messages\n")
        #expect(talk.commands == ["AUTH PLAIN <hidden>"])
        talk = POP3Conversation()
        #expect(talk.say("AUTH PLAIN") == "+ \n" && talk.say("AHUAcA==").hasPrefix("+OK"))
        talk = POP3Conversation()
        #expect(talk.say("AUTH PLAIN =").hasPrefix("-ERR") && talk.violations.count == 1)
        #expect(talk.say("AUTH PLAIN") == "+ \n" && talk.say("*") == "-ERR sign-in cancelled\n")
        #expect(talk.say("AUTH LOGIN") == "+ VXNlcm5hbWU6\n" && talk.say("dQ==") == "+ UGFzc3dvcmQ6\n")
        #expect(talk.say("cA==").hasPrefix("+OK") && talk.commands.suffix(2) == ["<hidden>", "<hidden>"])
        talk = POP3Conversation()
        #expect(talk.say("AUTH NONE").hasPrefix("-ERR") && talk.say("AUTH").hasPrefix("-ERR"))
    }

    @Test func `XOAUTH2 in one line, and in the two lines that Exchange wants`() {
        var talk = POP3Conversation()
        #expect(talk.say("AUTH XOAUTH2 \(bearer)").hasPrefix("+OK"))
        talk = POP3Conversation { $0.takesInitialResponses = false }
        #expect(talk.say("AUTH XOAUTH2 \(bearer)").hasPrefix("-ERR") && talk.violations == [])
        #expect(talk.say("AUTH XOAUTH2") == "+ \n" && talk.say(bearer).hasPrefix("+OK"))
        let wrong = String(decoding: Base64Text.encode(Array("user=u\u{1}auth=Bearer x\u{1}\u{1}".utf8)), as: UTF8.self)
        talk = POP3Conversation()
        #expect(talk.say("AUTH XOAUTH2 \(wrong)").hasPrefix("+ ey") && talk.say("").hasPrefix("-ERR [AUTH] "))
    }

    @Test func `Three wrong passwords are enough, and codes can be left out`() {
        var talk = POP3Conversation { $0.extensions.remove(.authResponseCode) }
        for _ in 1...3 { #expect(talk.say("USER u\nPASS x").hasSuffix("-ERR user name or password is wrong\n")) }
        #expect(talk.ending == .close)
    }

    @Test func `Nobody signs in before STLS, and STLS forgets what was said`() {
        var talk = POP3Conversation { $0.security = .startTLS }
        let capabilities = talk.say("CAPA")
        #expect(capabilities.contains("\nSTLS\n") && !capabilities.contains("USER") && !capabilities.contains("SASL"))
        for line in ["USER u", "APOP u x", "AUTH PLAIN AHUAcA=="] {
            #expect(talk.say(line) == "-ERR say STLS first\n")
        }
        #expect(talk.violations.count == 3)
        #expect(talk.say("STLS\nUSER u") == "+OK begin the handshake\n" && talk.handshake != nil)
        #expect(talk.violations.last == "8 octets follow STLS in the clear; they are dropped")
        #expect(talk.established() == "" && talk.say("PASS p") == "-ERR say USER first\n")
        #expect(talk.say("STLS") == "-ERR STLS is not possible here\n")
        let encrypted = talk.say("CAPA")
        #expect(!encrypted.contains("STLS") && encrypted.contains("\nUSER\nSASL SCRAM-SHA-256 "))
        talk.signIn()
        #expect(talk.left.count == 2 && talk.say("STAT").hasPrefix("+OK"))
    }

    @Test func `With implicit TLS the greeting comes after the handshake`() {
        var talk = POP3Conversation { $0.security = .implicitTLS }
        #expect(talk.replies.isEmpty && talk.handshake != nil)
        #expect(talk.established().hasPrefix("+OK localhost"))
    }
}
