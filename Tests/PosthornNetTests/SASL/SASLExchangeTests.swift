import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("The rules for every sign-in", .undisturbed)
struct SASLExchangeTests {
    @Test("Without room for an initial response it answers the first challenge")
    func lateInitial() throws {
        var exchange = SASLExchange(PlainMechanism(SASLCredentials(username: "u"), password: Secret("p")))
        #expect(try exchange.start(withInitialResponse: false) == nil)
        #expect(throws: MailError.self) { try exchange.finish() }
        let piece = try exchange.answer(to: Array("anything !".utf8))
        #expect(Base64.decode(piece.octets) == [0, 0x75, 0, 0x70])
        #expect(piece.isSecret)
        try exchange.finish()
    }

    @Test("A server that asks without end is given up after ten rounds")
    func rounds() throws {
        struct Patient: SASLMechanism {
            let name = "PATIENT"
            let isPlaintext = false
            let isComplete = false
            mutating func initialResponse() throws -> Secret? { nil }
            mutating func respond(to challenge: [UInt8]) throws -> Secret { Secret("ok") }
        }
        var exchange = SASLExchange(Patient())
        _ = try exchange.start()
        for _ in 0..<10 { _ = try exchange.answer(to: Array("bW9yZQ==".utf8)) }
        let error = #expect(throws: MailError.self) { try exchange.answer(to: Array("bW9yZQ==".utf8)) }
        #expect(error?.code == .protocolViolation)
    }

    @Test(
        "Challenges that are no base64 or too long are refused",
        arguments: ["!", "YQ", "YQ=", "YR==", "=YQ=", "Y Q="]
    )
    func badBase64(text: String) throws {
        var exchange = SASLExchange(CramMD5Mechanism(username: "u", password: Secret("p")))
        _ = try exchange.start()
        #expect(throws: MailError.self) { try exchange.answer(to: Array(text.utf8)) }
        var other = SASLExchange(CramMD5Mechanism(username: "u", password: Secret("p")))
        #expect(throws: MailError.self) { try other.answer(to: [UInt8](repeating: 0x41, count: 12_292)) }
    }

    @Test("A NUL in user name or password is refused before anything is said")
    func nul() {
        for (user, password) in [("a\0b", "p"), ("a", "p\0q")] {
            var exchange = SASLExchange(PlainMechanism(SASLCredentials(username: user), password: Secret(password)))
            let error = #expect(throws: MailError.self) { try exchange.start() }
            #expect(error?.code == .authenticationUnavailable)
        }
    }

    @Test("A token or user name with a line break or control character is refused")
    func controlCharacters() {
        for (user, token) in [("a\u{1}b", "t"), ("a", "t\r\nx"), ("a", ""), ("a", "t x")] {
            var exchange = SASLExchange(
                TokenMechanism(.xoauth2, username: user, token: Secret(token), endpoint: Endpoint(host: "h", port: 1))
            )
            #expect(throws: MailError.self) { try exchange.start() }
        }
    }

    @Test("SASLprep maps, normalises and prohibits as RFC 4013 shows")
    func prepare() {
        #expect(SASLprep.prepare("I\u{AD}X") == "IX")
        #expect(SASLprep.prepare("user") == "user")
        #expect(SASLprep.prepare("USER") == "USER")
        #expect(SASLprep.prepare("\u{AA}") == "a")
        #expect(SASLprep.prepare("\u{2168}") == "IX")
        #expect(SASLprep.prepare("\u{7}") == nil)
        #expect(SASLprep.prepare("a\u{A0}b") == "a b")
        #expect(SASLprep.prepare("pa\u{308}ss") == "p\u{E4}ss")
        #expect(SASLprep.prepare("\u{E000}") == nil)
        #expect(SASLprep.prepare([0xFF, 0x41]) == [0xFF, 0x41])
    }

    @Test("Base64 goes round for every length and refuses what is not exact")
    func base64() {
        for length in 0..<70 {
            let octets = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64.decode(Base64.encode(octets)) == octets)
        }
        #expect(Base64.encode(Array("foobar".utf8)) == Array("Zm9vYmFy".utf8))
        for text in ["A", "AB", "ABC", "A===", "AB=C", "ABC=D", "====", "AB==CD==", "AB C"] {
            #expect(Base64.decode(Array(text.utf8)) == nil)
        }
    }
}
