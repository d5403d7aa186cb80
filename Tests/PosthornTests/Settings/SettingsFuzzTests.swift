import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct SettingsFuzzTests {
    /// A generator that gives the same numbers on every machine.
    struct Generator: RandomNumberGenerator {
        var state: UInt64 = 0x5EED
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let pieces: [String] = [
        "[", "]", "{", "}", ":", ": ", "- ", "\n", "  ", "\t", "#", "&a", "*a", "!x", "\"", "'", "|", ">", "? ",
        "---\n", "...",
        "%", "@", "\\", "\0", "\u{85}", "\u{FEFF}", "ü", "📯", "<<: ", "~", "0123", "99999999999999999999", "client",
        "smtp: ",
        "host", "{ env: X }", "extends: x\n", "\r", "\u{202E}", "\"\\x41\"", "\"\\uD800\"", "}{", "],", "\u{F0000}",
    ]

    @Test func mutatedFilesGiveMistakesOrSettingsAndNeverACrash() throws {
        var generator = Generator()
        let seeds = [TenMistakesTests.file, SettingsFileTests.small].map { Array($0.unicodeScalars) }
        var good = 0
        for round in 0..<5_000 {
            var text = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0...text.count, using: &generator)
                let end = min(text.count, place + Int.random(in: 0...8, using: &generator))
                let piece = Array(Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)].unicodeScalars)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: text.removeSubrange(place..<end)
                case 1: text.replaceSubrange(place..<end, with: piece)
                case 2:
                    text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &generator))
                default: text.insert(contentsOf: piece, at: place)
                }
            }
            var string = String.UnicodeScalarView()
            string.append(contentsOf: text)
            do {
                _ = try load(String(string))
                good += 1
            } catch let error as SettingsError {
                #expect(!error.issues.isEmpty)
                #expect(!error.description.contains("PosthornSecretCanary"))
            }
        }
        #expect(good > 0 && good < 5_000)
    }
}
