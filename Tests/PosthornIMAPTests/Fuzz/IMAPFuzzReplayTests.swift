import Foundation
import TestSupport
import Testing

/// What scripts/fuzz runs for hours, run for seconds: the corpus, what was found, and mutations of it.
@Suite(.computing) struct IMAPFuzzReplayTests {
    /// The inputs of a folder, by name.
    private func inputs(_ folder: String) throws -> [(name: String, octets: [UInt8])] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
        let directory = tests.appending(path: folder).appending(path: "imapResponses").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        return try names.filter { !$0.hasPrefix(".") }.map { name in
            (name, Array(try Data(contentsOf: directory.appending(path: name))))
        }
    }

    private func check(_ input: [UInt8], _ name: String) {
        do {
            try IMAPResponseFuzz.run(input)
        } catch {
            Issue.record("\(name): \(error)")
        }
    }

    @Test func `every property holds for the corpus`() throws {
        let inputs = try inputs("Corpus")
        #expect(inputs.count > 20)
        for input in inputs { check(input.octets, input.name) }
    }

    @Test func `what was found once is not found again`() throws {
        for input in try inputs("Crashes") { check(input.octets, input.name) }
    }

    @Test func `every property holds for mutations of the corpus`() throws {
        let corpus = try inputs("Corpus").map(\.octets)
        var random = SeededGenerator(seed: 0x0F1E_2D3C)
        for round in 0..<3_000 { check(mutation(of: corpus, &random), "mutation \(round)") }
    }

    /// Octets changed, taken out, doubled, and two inputs joined.
    private func mutation(of corpus: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        guard var octets = corpus.randomElement(using: &random), let other = corpus.randomElement(using: &random) else {
            return []
        }
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            guard !octets.isEmpty else { break }
            let place = Int.random(in: 0..<octets.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: octets[place] = UInt8.random(in: 0...255, using: &random)
            case 1: octets[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: octets.remove(at: place)
            case 3: octets.insert(contentsOf: octets[place...].prefix(20), at: place)
            case 4: octets.insert(Array("\r\n()\"{}[]<>* +~\\".utf8).randomElement(using: &random) ?? 0, at: place)
            default: octets = Array(octets[..<place]) + other.suffix(Int.random(in: 0...200, using: &random))
            }
        }
        return octets
    }
}
