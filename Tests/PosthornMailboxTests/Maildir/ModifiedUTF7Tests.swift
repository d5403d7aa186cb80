import Posthorn
import TestSupport
import Testing

@Suite struct ModifiedUTF7Tests {
    @Test(arguments: [
        ("INBOX", "INBOX"), ("A&B", "A&-B"), ("Entwürfe", "Entw&APw-rfe"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("😀", "&2D3eAA-"), ("", ""), ("&", "&-"), ("tab\t", "tab&AAk-"),
    ])
    func `Names are written as RFC 3501 says and read back`(name: String, spelling: String) {
        #expect(ModifiedUTF7.encoded(name) == spelling)
        #expect(ModifiedUTF7.decoded(spelling.utf8) == name)
    }

    @Test(arguments: ["&", "&A", "&AAA", "&!-", "&AGE-", "ü", "&2D0-", "&APw-&APw-", "&APx-", "a\u{7f}"])
    func `A spelling that is not the only one is refused`(spelling: String) {
        #expect(ModifiedUTF7.decoded(spelling.utf8) == nil)
    }

    @Test func `Every name comes back, and no octets make it fail`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<5000 {
            var name = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x1_1000, using: &random)) {
                    name.unicodeScalars.append(scalar)
                }
            }
            #expect(
                ModifiedUTF7.decoded(ModifiedUTF7.encoded(name).utf8)?.unicodeScalars.elementsEqual(name.unicodeScalars)
                    == true
            )
            let octets = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                Array("&-AZaz09+,/ ".utf8).randomElement(using: &random) ?? 0
            }
            if let name = ModifiedUTF7.decoded(octets) { #expect(Array(ModifiedUTF7.encoded(name).utf8) == octets) }
        }
    }
}
