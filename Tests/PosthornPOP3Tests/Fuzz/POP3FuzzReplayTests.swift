import Foundation
import TestSupport
import Testing

/// What `scripts/fuzz pop3` runs for hours, run for seconds: the corpus, what was found, and mutations of it.
@Suite(.computing) struct POP3FuzzReplayTests {
    /// The inputs of a folder, by name.
    private func inputs(_ folder: String) throws -> [(name: String, octets: [UInt8])] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
        let directory = tests.appending(path: folder).appending(path: "pop3").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        return try names.filter { !$0.hasPrefix(".") }.map { name in
            (name, Array(try Data(contentsOf: directory.appending(path: name))))
        }
    }

    @Test func `Every property holds for the corpus`() throws {
        let inputs = try inputs("Corpus")
        #expect(inputs.count >= 15)
        let parts = Set(inputs.map { Int($0.octets.first ?? 0) % POP3Fuzz.Part.allCases.count })
        #expect(parts.count == POP3Fuzz.Part.allCases.count)
        for input in inputs { check(input.octets, input.name) }
    }

    @Test func `What was found once is not found again`() throws {
        for input in try inputs("Crashes") { check(input.octets, input.name) }
    }

    @Test func `Every property holds for mutations of the corpus`() throws {
        let corpus = try inputs("Corpus").map(\.octets)
        var random = SeededGenerator(seed: 0x0110_0995)
        for round in 0..<3_000 { check(mutation(of: corpus, &random), "mutation \(round)") }
    }

    private func check(_ input: [UInt8], _ name: String) {
        do {
            try POP3Fuzz.run(input)
        } catch {
            let octets = input.map { String($0, radix: 16) }.joined(separator: " ")
            Issue.record("\(name): \(error)\ninput: \(octets)")
        }
    }

    private static let words = [
        "+OK\r\n", "-ERR [AUTH] no\r\n", "+ \r\n", ".\r\n", "..\r\n", "\r\n.\r\n", "\r\n", "\n", "\r", ".", "1 2\r\n",
        "99999999999999999999 ", "UIDL\r\n", "EXPIRE 0\r\n", "\u{1B}[2J", "[", "]",
    ].map { Array($0.utf8) }

    /// One to four changes: an octet, a word more, a piece less, a piece twice, a piece of another input.
    private func mutation(of corpus: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var input = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...input.count, using: &random)
            let end = min(input.count, place + Int.random(in: 0...24, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < input.count: input[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < input.count: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: input.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: place)
            case 3: input.removeSubrange(place..<end)
            case 4: input.insert(contentsOf: input[place..<end], at: place)
            default:
                let other = corpus.randomElement(using: &random) ?? []
                input.replaceSubrange(place..<end, with: other.suffix(Int.random(in: 0...other.count, using: &random)))
            }
        }
        return input
    }
}
