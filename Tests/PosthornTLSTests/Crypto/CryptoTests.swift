import PosthornTLS
import TestSupport
import Testing

/// The examples of the RFCs.
@Suite(.computing) struct CryptoTests {
    private func hex(_ octets: [UInt8]) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func `hashes of "abc" and of nothing are those of the standards`() throws {
        let abc = Array("abc".utf8)
        #expect(try hex(HashAlgorithm.md5.hash(abc)) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(try hex(HashAlgorithm.md5.hash([])) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(try hex(HashAlgorithm.sha1.hash(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            try hex(HashAlgorithm.sha256.hash(abc))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            try hex(HashAlgorithm.sha512.hash(abc)).hasPrefix("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2")
        )
        for algorithm in [HashAlgorithm.md5, .sha1, .sha256, .sha512] {
            #expect(try algorithm.hash(abc).count == algorithm.length)
        }
    }

    @Test func `keyed hashes are those of RFC 2195, 2202 and 4231`() throws {
        let challenge = Array("<1896.697170952@postoffice.reston.mci.net>".utf8)
        #expect(
            try hex(HashAlgorithm.md5.authenticationCode(for: challenge, key: Array("tanstaaftanstaaf".utf8)))
                == "b913a602c7eda7a495b4e6e7334d3890"
        )
        let question = Array("what do ya want for nothing?".utf8)
        let key = Array("Jefe".utf8)
        #expect(
            try hex(HashAlgorithm.sha1.authenticationCode(for: question, key: key))
                == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        )
        #expect(
            try hex(HashAlgorithm.sha256.authenticationCode(for: question, key: key))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        #expect(
            try hex(HashAlgorithm.sha512.authenticationCode(for: question, key: key)).hasPrefix("164b7a7bfcf819e2")
        )
        #expect(
            try hex(HashAlgorithm.sha256.authenticationCode(for: [], key: []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        )
    }

    @Test func `derived keys are those of RFC 6070 and 7914`() throws {
        let password = Array("password".utf8)
        let salt = Array("salt".utf8)
        #expect(
            try hex(HashAlgorithm.sha1.derivedKey(password: password, salt: salt, iterations: 4096))
                == "4b007901b765489abead49d926f721d065a429c1"
        )
        #expect(
            try hex(HashAlgorithm.sha256.derivedKey(password: password, salt: salt, iterations: 1))
                == "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"
        )
        #expect(
            try hex(
                HashAlgorithm.sha256.derivedKey(
                    password: Array("passwd".utf8),
                    salt: salt,
                    iterations: 1,
                    length: 64
                )
            ).hasPrefix("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
        )
        #expect(try HashAlgorithm.sha256.derivedKey(password: [], salt: [], iterations: 1).count == 32)
        for (iterations, length) in [(0, 32), (-1, 32), (1, 0), (1, 1025)] {
            #expect(
                catching {
                    _ = try HashAlgorithm.sha256.derivedKey(
                        password: password,
                        salt: salt,
                        iterations: iterations,
                        length: length
                    )
                }?.code == .configuration
            )
        }
    }

    @Test func `random octets differ and comparisons compare`() throws {
        let one = try TLSCrypto.randomBytes(32)
        #expect(one.count == 32)
        #expect(try one != TLSCrypto.randomBytes(32))
        #expect(try TLSCrypto.randomBytes(0).isEmpty)
        #expect(catching { _ = try TLSCrypto.randomBytes(1 << 21) } != nil)
        #expect(TLSCrypto.constantTimeEqual(one, one))
        #expect(TLSCrypto.constantTimeEqual([], []))
        #expect(!TLSCrypto.constantTimeEqual([1, 2], [1, 3]))
        #expect(!TLSCrypto.constantTimeEqual([1, 2], [1, 2, 3]))
    }
}
