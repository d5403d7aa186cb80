import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

/// Runs an exchange with plain text in place of base64.
struct Dialogue {
    var exchange: SASLExchange

    init(_ mechanism: any SASLMechanism) { exchange = SASLExchange(mechanism) }

    mutating func start() throws -> String? {
        try exchange.start().map(Self.text)
    }

    mutating func answer(_ challenge: String) throws -> String {
        Self.text(try exchange.answer(to: Base64.encode(Array(challenge.utf8))))
    }

    static func text(_ piece: WireText.Piece) -> String {
        if piece.octets == [UInt8(ascii: "=")] { return "" }
        return Base64.decode(piece.octets).map { String(decoding: $0, as: UTF8.self) } ?? "(not base64)"
    }
}

@Suite("SASL mechanisms against the examples of their RFCs", .undisturbed)
struct SASLVectorTests {
    private static let pencil = SASLCredentials(username: "user", password: Secret("pencil"))

    @Test("PLAIN says what RFC 4616 says")
    func plain() throws {
        var tim = Dialogue(PlainMechanism(SASLCredentials(username: "tim"), password: Secret("tanstaaftanstaaf")))
        #expect(try tim.start() == "\0tim\0tanstaaftanstaaf")
        try tim.exchange.finish()
        var kurt = Dialogue(
            PlainMechanism(SASLCredentials(username: "Kurt", authorization: "Ursel"), password: Secret("xipj3plmq"))
        )
        #expect(try kurt.start() == "Ursel\0Kurt\0xipj3plmq")
    }

    @Test("LOGIN answers two questions in their order and refuses a third")
    func login() throws {
        var login = Dialogue(LoginMechanism(username: "tim", password: Secret("tanstaaf")))
        #expect(try login.start() == nil)
        #expect(try login.answer("Benutzer?") == "tim")
        #expect(throws: MailError.self) { try login.exchange.finish() }
        #expect(try login.answer("Password:") == "tanstaaf")
        try login.exchange.finish()
        #expect(throws: MailError.self) { try login.answer("PIN:") }
    }

    @Test("CRAM-MD5 says what RFC 2195 says")
    func cramMD5() throws {
        var tim = Dialogue(CramMD5Mechanism(username: "tim", password: Secret("tanstaaftanstaaf")))
        #expect(try tim.start() == nil)
        #expect(
            try tim.answer("<1896.697170952@postoffice.reston.mci.net>") == "tim b913a602c7eda7a495b4e6e7334d3890"
        )
        try tim.exchange.finish()
    }

    struct ScramVector: Sendable {
        var hash: ScramMechanism.Hash
        var binding = ScramMechanism.Binding.unsupported
        var username = "user"
        var authorization: String?
        var password = "pencil"
        var nonce: String
        var first: String
        var serverFirst: String
        var final: String
        var serverFinal: String
    }

    static let vectors = [
        // RFC 5802, section 5
        ScramVector(
            hash: .sha1,
            nonce: "fyko+d2lbbFgONRv9qkxdawL",
            first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
        ),
        // RFC 7677, section 3
        ScramVector(
            hash: .sha256,
            nonce: "rOprNGfwEbeRWgbNEkqO",
            first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            final:
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        ),
        // The others were calculated with Python's hashlib.
        ScramVector(
            hash: .sha512,
            nonce: "cnonce",
            first: "n,,n=user,r=cnonce",
            serverFirst: "r=cnoncesnonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
            final:
                "c=biws,r=cnoncesnonce,p=KXDhg2I8fvYQUY91SRfzHPppseXCZsE6OKysZXmSFuUuBGQpnQES+mWn7WHETmam0U5k9q0GGV/yzV9WzsYU/A==",
            serverFinal:
                "v=j+URxNT80HqPnaPilbyhLFKUuiHpB+Z7seWogXdPppwP7KH/sApgJgolLLzry2Ap1XEch9GYc5r6wYci3KA3DA=="
        ),
        ScramVector(
            hash: .sha256,
            binding: .bound(type: "tls-exporter", data: Array(0..<32)),
            nonce: "cnonce",
            first: "p=tls-exporter,,n=user,r=cnonce",
            serverFirst: "r=cnoncesnonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
            final:
                "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r=cnoncesnonce,p=0AGGSEVNLsQyzIbhs6ZUtKbEd4Eb+hc7eddXeAMCM1Q=",
            serverFinal: "v=A5hRtVnYMQzDGKzUmBEqWTI7RmqOcDR91Wa0R87t4TM="
        ),
        ScramVector(
            hash: .sha1,
            binding: .bound(type: "tls-server-end-point", data: Array(0..<32)),
            nonce: "cnonce",
            first: "p=tls-server-end-point,,n=user,r=cnonce",
            serverFirst: "r=cnoncesnonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
            final:
                "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,r=cnoncesnonce,p=nObCUVdPi7AJU4sq+b/phHhDsLc=",
            serverFinal: "v=UZOCfgTAipBz91wzh6QwPsZS2Po="
        ),
        // A user name with the two special characters, an authorization, and a password that SASLprep changes.
        ScramVector(
            hash: .sha256,
            binding: .notOffered,
            username: "us=er,",
            authorization: "boss",
            password: "\u{2168}\u{AD}",
            nonce: "cnonce",
            first: "y,a=boss,n=us=3Der=2C,r=cnonce",
            serverFirst: "r=cnoncesnonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
            final: "c=eSxhPWJvc3Ms,r=cnoncesnonce,p=oNF8plsqVqqCcXBpEOEFafPU067FK7SpI0wSSA6zBQ8=",
            serverFinal: "v=Z0n7BEEG2MIh9USaaZmEFKYQT74LUttgVvcVnCsML6k="
        ),
    ]

    @Test("SCRAM computes what the examples say and verifies the server", arguments: vectors.indices)
    func scram(index: Int) throws {
        let vector = Self.vectors[index]
        var scram = Dialogue(Self.mechanism(vector))
        #expect(try scram.start() == vector.first)
        #expect(try scram.answer(vector.serverFirst) == vector.final)
        #expect(throws: MailError.self) { try scram.exchange.finish() }
        #expect(try scram.answer(vector.serverFinal) == "")
        try scram.exchange.finish()
    }

    @Test("SCRAM refuses a wrong signature, an early success and an error of the server", arguments: vectors.indices)
    func scramImpostor(index: Int) throws {
        let vector = Self.vectors[index]
        let endings = [
            "v=AAAA", "v=", "", "w=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "e=invalid-proof",
            String(vector.serverFinal.dropLast(5)),
        ]
        for ending in endings {
            var scram = Dialogue(Self.mechanism(vector))
            _ = try scram.start()
            _ = try scram.answer(vector.serverFirst)
            let error = #expect(throws: MailError.self) { try scram.answer(ending) }
            #expect(error?.code == (ending == "e=invalid-proof" ? .authenticationFailed : .protocolViolation))
            #expect(throws: MailError.self) { try scram.exchange.finish() }
            #expect(throws: MailError.self) { try scram.answer(vector.serverFinal) }
        }
    }

    private static func mechanism(_ vector: ScramVector) -> ScramMechanism {
        ScramMechanism(
            vector.hash,
            SASLCredentials(username: vector.username, authorization: vector.authorization),
            password: Secret(vector.password),
            binding: vector.binding,
            nonce: vector.nonce
        )
    }

    @Test(
        "SCRAM refuses a first message that breaks the rules",
        arguments: [
            "", "r=cnonce,s=MDEy,i=4096", "r=other,s=MDEy,i=4096", "r=cnoncex,s=,i=4096", "r=cnoncex,s=!,i=4096",
            "r=cnoncex,s=MDEy,i=", "r=cnoncex,s=MDEy,i=-1", "r=cnoncex,s=MDEy,i=0", "r=cnoncex,s=MDEy,i=1",
            "r=cnoncex,s=MDEy,i=4095", "r=cnoncex,s=MDEy,i=2000001", "r=cnoncex,s=MDEy,i=99999999999999999999",
            "r=cnoncex,s=MDEy,i=4096x", "m=ext,r=cnoncex,s=MDEy,i=4096", "s=MDEy,r=cnoncex,i=4096", "r=cnoncex,i=4096",
            "r=cnonce\u{7F},s=MDEy,i=4096", ",,,,,,", "e=other-error",
        ]
    )
    func scramFirst(message: String) throws {
        var scram = Dialogue(
            ScramMechanism(.sha256, Self.pencil, password: Secret("pencil"), binding: .unsupported, nonce: "cnonce")
        )
        _ = try scram.start()
        let error = #expect(throws: MailError.self) { try scram.answer(message) }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message.contains("pencil") == false)
        #expect(throws: MailError.self) { try scram.exchange.finish() }
    }

    @Test("SCRAM's nonces differ from one sign-in to the next")
    func nonces() throws {
        var seen: Set<String> = []
        for _ in 0..<50 {
            var scram = Dialogue(ScramMechanism(.sha256, Self.pencil, password: Secret("p"), binding: .unsupported))
            seen.insert(try #require(try scram.start()))
        }
        #expect(seen.count == 50)
    }

    @Test("OAUTHBEARER says what RFC 7628 says")
    func bearer() throws {
        var bearer = Dialogue(
            TokenMechanism(
                .bearer,
                username: "user@example.com",
                token: Secret("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="),
                endpoint: Endpoint(host: "server.example.com", port: 143)
            )
        )
        let piece = try #require(try bearer.exchange.start())
        #expect(
            String(decoding: piece.octets, as: UTF8.self)
                == "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
        )
        #expect(try bearer.answer("{\"status\":\"invalid_token\"}") == "\u{1}")
        #expect(bearer.exchange.failureDetail == "{\"status\":\"invalid_token\"}")
        #expect(throws: MailError.self) { try bearer.exchange.finish() }
    }

    @Test("XOAUTH2 says what Google's description says, and answers a refusal with nothing")
    func xoauth2() throws {
        var google = Dialogue(
            TokenMechanism(
                .xoauth2,
                username: "someuser@example.com",
                token: Secret("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
                endpoint: Endpoint(host: "imap.gmail.com", port: 993)
            )
        )
        let piece = try #require(try google.exchange.start())
        #expect(
            String(decoding: piece.octets, as: UTF8.self)
                == "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        )
        let answer = try google.exchange.answer(to: Base64.encode(Array("{\"e\":\"\u{1B}[2J\"}".utf8)))
        #expect(answer.octets.isEmpty)
        #expect(google.exchange.failureDetail == "{\"e\":\"\\x1B[2J\"}")
        #expect(throws: MailError.self) { try google.answer("again") }
    }

    @Test("A token that the server repeats stays out of the reason")
    func echoedToken() throws {
        var dialogue = Dialogue(
            TokenMechanism(
                .xoauth2,
                username: "u",
                token: Secret("canarytoken"),
                endpoint: Endpoint(host: "h", port: 1)
            )
        )
        _ = try dialogue.start()
        _ = try dialogue.answer("{\"token\":\"canarytoken\"}")
        #expect(dialogue.exchange.failureDetail?.contains("canarytoken") == false)
    }

    @Test("EXTERNAL names the authorization or nobody; ANONYMOUS leaves a trace")
    func externalAndAnonymous() throws {
        let nobody = try #require(try SASLExchange(ExternalMechanism(authorization: "")).started())
        #expect(nobody.octets == [UInt8(ascii: "=")])
        var fred = Dialogue(ExternalMechanism(authorization: "fred@example.com"))
        #expect(try fred.start() == "fred@example.com")
        // RFC 4505, section 4
        let sirhc = try #require(try SASLExchange(AnonymousMechanism(trace: "sirhc")).started())
        #expect(String(decoding: sirhc.octets, as: UTF8.self) == "c2lyaGM=")
    }
}

extension SASLExchange {
    fileprivate func started() throws -> WireText.Piece? {
        var copy = self
        return try copy.start()
    }
}
