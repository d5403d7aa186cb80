import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct SettingsTypeTests {
    @Test func textIsTakenAsItIsWritten() throws {
        #expect(try value(.string, "0123") == "0123")
        #expect(try value(.string, "1.2") == "1.2")
        #expect(try value(.string, "no") == "no")
        #expect(try value(.string, "1e3") == "1e3")
        #expect(try value(.string, "\"null\"") == "null")
        #expect(try value(.string(allowsEmpty: true), "''") == "")
        #expect(complaint(.string, "''")?.contains("empty") == true)
        #expect(
            complaint(.string, "\"a\\r\\nb\"") == "'a\\x0D\\x0Ab' holds a line break or NUL; write one line of text"
        )
        #expect(complaint(.string, "\"a\\0b\"") != nil)
        #expect(complaint(.string, "[a]") == "expected text, such as 'text', but found a list")
        #expect(complaint(.string, "null")?.hasPrefix("there is no value") == true)
    }

    @Test func numbersHaveARange() throws {
        #expect(try value(.integer(1...65_535), "465") == 465)
        #expect(try value(.integer(1...65_535), "\"465\"") == 465)
        #expect(try value(.integer(-5...5), "-5") == -5)
        for wrong in ["0", "65536", "99999999999999999999999", "-1"] {
            #expect(complaint(.integer(1...65_535), wrong)?.contains("out of range") == true)
        }
        for wrong in ["abc", "1.5", "0x1F", "1_000", "+5", "4 65", "٤"] {
            #expect(complaint(.integer(1...65_535), wrong)?.contains("is not a number from 1 to 65535") == true)
        }
        #expect(complaint(.integer(1...65_535), "0587")?.contains("begins with a zero") == true)
    }

    @Test func truthValuesHaveFourWords() throws {
        #expect(try value(.boolean, "true"))
        #expect(try value(.boolean, "Yes"))
        #expect(try value(.boolean, "no") == false)
        #expect(complaint(.boolean, "1") == "'1' is not true or false")
    }

    @Test func choicesSuggestTheNearestWord() throws {
        let type = SettingsType<FakeSMTP.Security>.choice([.tls, .starttls])
        #expect(try value(type, "starttls") == .starttls)
        #expect(complaint(type, "TLS") == "'TLS' is not one of tls, starttls (did you mean 'tls'?)")
        #expect(complaint(type, "startlts") == "'startlts' is not one of tls, starttls (did you mean 'starttls'?)")
        #expect(complaint(type, "whatever") == "'whatever' is not one of tls, starttls")
        #expect(complaint(type, "\"\\e[31mred\"") == "'\\x1B[31mred' is not one of tls, starttls")
    }

    @Test func durationsNeedAUnit() throws {
        #expect(try value(.duration, "30 s") == .seconds(30))
        #expect(try value(.duration, "30s") == .seconds(30))
        #expect(try value(.duration, "5 min") == .seconds(300))
        #expect(try value(.duration, "2 h") == .seconds(7_200))
        #expect(try value(.duration, "14 days") == .seconds(14 * 86_400))
        #expect(try value(.duration, "250 ms") == .milliseconds(250))
        #expect(complaint(.duration, "30") == "'30' has no unit; add one, such as '30 s' or '30 min'")
        #expect(complaint(.duration, "5 mins")?.contains("(did you mean 'min'?)") == true)
        #expect(complaint(.duration, "-5 s")?.contains("is not a duration") == true)
        #expect(complaint(.duration, "1.5 h")?.contains("unknown unit") != true)
        #expect(complaint(.duration, "999999999999999999 weeks")?.contains("too long") == true)
        #expect(complaint(.duration, "99999999999999999999 s")?.contains("is not a duration") == true)
        #expect(
            complaint(.duration(.seconds(1) ... .seconds(60)), "2 min")
                == "'2 min' is out of range; expected a duration from 1 s to 1 min"
        )
    }

    @Test func sizesNeedAUnit() throws {
        #expect(try value(.byteCount, "10 MB") == 10_000_000)
        #expect(try value(.byteCount, "512 KiB") == 524_288)
        #expect(try value(.byteCount, "1 byte") == 1)
        #expect(try value(.byteCount, "1gb") == 1_000_000_000)
        #expect(complaint(.byteCount, "10")?.contains("has no unit") == true)
        #expect(complaint(.byteCount, "10 MBit")?.contains("unknown unit") == true)
        #expect(complaint(.byteCount, "9999999999999 TB")?.contains("larger than any file") == true)
    }

    @Test func pathsStartAtTheDirectoryOfTheFile() throws {
        #expect(try value(.path, "ca.pem") == "/conf/ca.pem")
        #expect(try value(.path, "/etc/ca.pem") == "/etc/ca.pem")
        #expect(try value(.path, "~/ca.pem") == "/home/test/ca.pem")
        #expect(complaint(.path, "~other/ca.pem")?.contains("only '~/'") == true)
        #expect(complaint(.path, "\"a\\0b\"") != nil)
    }

    @Test func hostsAreNamesOrAddresses() throws {
        for host in [
            "mail.example.org", "localhost", "192.0.2.1", "\"::1\"", "mail.küche.example", "a_b.example",
            "example.org.",
        ] {
            #expect(complaint(.host, host) == nil)
        }
        #expect(try value(.host, "\"[2001:db8::1]\"") == "2001:db8::1")
        #expect(
            complaint(.host, "mail.example.org:465")
                == "'mail.example.org:465' holds a port; write 'host: mail.example.org' and 'port: 465'"
        )
        #expect(complaint(.host, "\"[::1]:465\"")?.contains("'host: ::1' and 'port: 465'") == true)
        #expect(complaint(.host, "smtp://u:PosthornSecretCanary@mail.example.org")?.contains("as 'security'") == true)
        #expect(complaint(.host, "smtp://u:PosthornSecretCanary@mail.example.org")?.contains("Canary") == false)
        for wrong in ["mail example.org", "-a.example", "a..b", "300.1.1.1", "10.0.0", "a\u{200B}b"] {
            #expect(complaint(.host, wrong)?.contains("is not a host name") == true)
        }
    }

    @Test func addressesAndMailboxesAreParsed() throws {
        #expect(try value(.emailAddress, "info@example.org").description == "info@example.org")
        #expect(complaint(.emailAddress, "info") != nil)
        #expect(try value(.mailbox, "Info <info@example.org>").name == "Info")
        #expect(try value(.mailbox, "info@example.org").name == nil)
        #expect(complaint(.mailbox, "Info") != nil)
    }

    @Test func aSingleValueIsAListOfOne() throws {
        let list = SettingsType<[Int]>.list(of: .integer(1...9))
        #expect(try value(list, "5") == [5])
        #expect(try value(list, "[1, 2]") == [1, 2])
        #expect(try value(list, "[]").isEmpty)
        #expect(complaint(list, "[1, x, 77]")?.split(separator: "\n").count == 2)
        #expect(complaint(.list(of: .integer(1...9), allowsEmpty: false), "[]")?.contains("the list is empty") == true)
    }

    @Test func namesOfOnesOwnChoiceAreWords() throws {
        let type = SettingsType<[String: Int]>.mapping(of: .integer(1...9))
        #expect(try value(type, "{ a: 1, b-c: 2 }") == ["a": 1, "b-c": 2])
        #expect(complaint(type, "{ 'a.b': 1 }")?.contains("is not a word") == true)
        #expect(complaint(type, "{ a: 10 }")?.contains("out of range") == true)
        #expect(complaint(type, "5")?.contains("expected names") == true)
    }

    @Test func thirdPartiesMakeTypesOfTheirOwn() throws {
        struct Colour: Sendable, Equatable { var hex: String }
        let type = SettingsType<Colour>(name: "colour", example: "ff8800", describe: { $0.hex }) { text in
            guard text.count == 6 else { throw SettingsError("'\(text)' has not six digits") }
            return Colour(hex: text)
        }
        #expect(try value(type, "001100") == Colour(hex: "001100"))
        #expect(complaint(type, "12") == "'12' has not six digits")
        #expect(complaint(type, "{ a: b }") == "expected colour, such as 'ff8800', but found a group of keys")
        let narrowed = type.narrowed(name: "dark colour") {
            guard $0.hex < "8" else { throw SettingsError("too bright") }
        }
        #expect(complaint(narrowed, "900000") == "too bright")
        let mapped = type.map({ $0.hex.count }, back: { _ in Colour(hex: "") })
        #expect(try value(mapped, "001100") == 6)
    }

    @Test func aValueWithTwoFormsTakesBoth() throws {
        let type = SettingsType<[String]>.either(
            .list(of: .string),
            orGroup: SettingsType<FakeSMTP.TLS>.group(FakeSMTP.TLS.self).map(
                { $0.pins },
                back: FakeSMTP.TLS.init(pins:)
            )
        )
        #expect(try value(type, "5") == ["5"])
        #expect(try value(type, "{ pins: [a, b] }") == ["a", "b"])
        #expect(complaint(type, "{ pin: a }") == "unknown key 'pin' (did you mean 'pins'?)")
    }

    @Test func aWordMayHaveAMeaningOfItsOwn() throws {
        let type = SettingsType<String>.word("system", as: "", or: .path)
        #expect(try value(type, "system") == "")
        #expect(try value(type, "own.pem") == "/conf/own.pem")
        #expect(complaint(type, "~x/own.pem")?.contains("only '~/'") == true)
    }
}
