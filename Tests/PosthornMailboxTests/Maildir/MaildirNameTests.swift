import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MaildirNameTests {
    private func parse(_ name: String) -> MaildirName { MaildirName(name.utf8.map { CChar(bitPattern: $0) } + [0]) }

    @Test func `Names of other programs are read`() {
        let dovecot = parse("1700000000.M12345P99.host,S=1234,W=1260:2,FSab")
        #expect(dovecot.id.description == "1700000000.M12345P99.host,S=1234,W=1260")
        #expect(dovecot.size == 1234)
        #expect(dovecot.letters == Array("FSab".utf8))
        #expect(dovecot.isPlain)
        #expect(parse("1.2.h:2,SF").isPlain == false)
        #expect(parse("1.2.h:2,SF").letters == Array("FS".utf8))
        #expect(parse("1.2.h:1,xyz").letters == [])
        #expect(parse("1.2.h:1,xyz").id.description == "1.2.h")
        #expect(parse("1.2.h:2,S,F?9S").letters == Array("FS".utf8))
        #expect(parse("plain").id.description == "plain")
        #expect(parse("1.2.h,S=x:2,").size == nil)
        #expect(parse("1.2.h,S=99999999999999999999999").size == nil)
    }

    @Test func `Age is the time of the name, then the microsecond, then the number`() {
        let names = [
            "no number", "9.M5.h", "10.M2P1Q1.h", "10.M10P1Q1.h", "10.M10P1Q2.h", "10.M10P1Q11.h", "10.Vfd01I12M11.h",
        ]
        let ages = names.map { parse($0).age }
        #expect(ages == ages.sorted())
        #expect(Set(ages.map { "\($0)" }).count == names.count)
    }

    @Test func `Letters that nobody agreed on stay`() throws {
        #expect(MaildirFlags.flags("DFPRSTab".utf8).count == 6)
        #expect(MaildirFlags.foreign(Array("FSabX".utf8)) == Array("abX".utf8))
        #expect(
            try MaildirFlags.letters([.seen, MessageFlag("\\DELETED"), MessageFlag("\\Recent")]).sorted()
                == Array("ST".utf8)
        )
        let error = #expect(throws: MailError.self) { try MaildirFlags.letters([MessageFlag("$Junk")]) }
        #expect(error?.code == .unsupported)
    }

    @Test func `A name holds tag and key, and they are found again`() throws {
        let key = FetchKey.numbered(4711)
        let tag = try MaildirNaming.tag(of: FetchAccount("pop3:info@mail.example.org"))
        let name = MaildirNaming.name(tag: tag, key: key, size: 99)
        #expect(MaildirNaming.key(in: name) == key)
        #expect(MaildirNaming.key(in: MaildirName(name).name(withLetters: Array("SF".utf8))) == key)
        #expect(MaildirNaming.isTemporary(MaildirNaming.temporaryName(tag: tag), ofTag: tag))
        #expect(!MaildirNaming.isTemporary(name, ofTag: tag))
        #expect(MaildirNaming.key(in: MaildirNaming.name(size: 5)) == nil)
        #expect(String(decoding: MaildirNaming.escaped(Array("a/b:c d".utf8)), as: UTF8.self) == "a\\057b\\072c_d")
    }

    @Test func `No name makes the reading fail`() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("0123456789.,:;=SMQPF2a\\/ \u{e9}".utf8) + [0xFF, 0x80]
        for _ in 0..<20_000 {
            let octets = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let chars = octets.map { CChar(bitPattern: $0) }
            let name = MaildirName(chars + [0])
            let again = MaildirName(name.name(withLetters: name.letters))
            #expect(again.id == name.id && again.letters == name.letters && again.size == name.size)
            #expect(!(again.age < name.age) && !(name.age < again.age))
            _ = MaildirNaming.key(in: chars + [0])
        }
    }

    @Test func `Moments grow, however many come at once`() {
        let moments = (0..<1000).map { _ in MaildirNaming.moment() }
        #expect(zip(moments, moments.dropFirst()).allSatisfy { $0 < $1 })
    }
}
