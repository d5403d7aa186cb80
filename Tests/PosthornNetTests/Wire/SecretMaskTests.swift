import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite(.undisturbed) struct SecretMaskTests {
    private let mask = SecretMask([Secret("PosthornSecretCanary")])

    private func masked(_ text: String) -> String { mask.masked(text) }

    @Test func `the secret itself`() {
        #expect(masked("535 PosthornSecretCanary is wrong") == "535 <secret> is wrong")
        #expect(masked("PosthornSecretCanaryPosthornSecretCanary") == "<secret><secret>")
        #expect(masked("nothing here") == "nothing here")
        #expect(masked("") == "")
    }

    @Test func `base64 of the secret, alone and behind anything else`() {
        for user in 0..<12 {
            let before = String(repeating: "u", count: user)
            let encoded = String(
                decoding: Base64.encode(Array("\0\(before)\0PosthornSecretCanary".utf8)),
                as: UTF8.self
            )
            let text = masked("no: \(encoded) you")
            // What is left are the digits that the neighbours share: not one octet of the secret can be read.
            let left = text.replacing("<secret>", with: "").utf8.count
            let shared = encoded.utf8.count - (20 * 8 - 10) / 6
            #expect(text.contains("<secret>") && left <= "no:  you".utf8.count + shared + 1, "\(text)")
        }
    }

    @Test func `a secret that is cut off at its end`() {
        #expect(masked("AUTH was: PosthornSecretCan") == "AUTH was: <secret>")
        #expect(masked("AUTH was: Posthorn") == "AUTH was: <secret>")
        #expect(masked("AUTH was: Posthor") == "AUTH was: Posthor")
    }

    @Test func `what was sent as a secret`() {
        var mask = SecretMask()
        var text = WireText.line(.plain("AUTH PLAIN "), .secret(Array("AGluZm8Ac2VjcmV0".utf8)))
        mask.add(text)
        text.removeAll()
        #expect(mask.masked("bad AGluZm8Ac2VjcmV0 x") == "bad <secret> x")
        #expect(mask.masked("AUTH PLAIN") == "AUTH PLAIN")
    }

    @Test func `short secrets hide no text`() {
        #expect(SecretMask([Secret("a"), Secret("xy"), Secret("")]).masked("a taxying day") == "a taxying day")
        #expect(SecretMask([Secret("abc")]).masked("xabcx") == "x<secret>x")
    }

    @Test func `the mask shows nothing`() {
        var dumped = ""
        dump(mask, to: &dumped)
        #expect(!("\(mask)" + String(reflecting: mask) + dumped).contains("Canary"))
    }
}
