import Foundation
import TestSupport
import Testing

/// What scripts/fuzz runs for hours, run for seconds: the corpus, what was found, and mutations of it.
@Suite(.computing) struct FuzzReplayTests {
    enum Target: String, CaseIterable, Sendable {
        case replies, conversation

        func run(_ input: [UInt8]) throws {
            switch self {
            case .replies: try ReplyFuzz.run(input)
            case .conversation: try ConversationFuzz.run(input)
            }
        }

        /// The inputs of a folder, by name.
        func inputs(_ folder: String) throws -> [(name: String, octets: [UInt8])] {
            let tests = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
            let directory = tests.appending(path: folder).appending(path: rawValue).standardizedFileURL
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            return try names.filter { !$0.hasPrefix(".") }.map { name in
                (name, Array(try Data(contentsOf: directory.appending(path: name))))
            }
        }
    }

    @Test(arguments: Target.allCases) func `every property holds for the corpus`(_ target: Target) throws {
        let inputs = try target.inputs("Corpus")
        #expect(inputs.count > 8)
        for input in inputs { check(target, input.octets, input.name) }
    }

    @Test(arguments: Target.allCases) func `what was found once is not found again`(_ target: Target) throws {
        for input in try target.inputs("Crashes") { check(target, input.octets, input.name) }
    }

    @Test(arguments: Target.allCases) func `every property holds for mutations of the corpus`(_ target: Target) throws {
        let corpus = try target.inputs("Corpus").map(\.octets)
        var random = SeededGenerator(seed: 0x0F1E_2D3C)
        for round in 0..<(target == .replies ? 4_000 : 3_000) {
            check(target, mutation(of: corpus, &random), "mutation \(round)")
        }
    }

    /// Sessions in which the server waits for nothing that only a client can say.
    @Test(arguments: [
        "plain-session", "pipelined-three", "helo", "starttls", "lmtp", "chunks", "refused-chunk", "inline",
        "421-inside", "early", "source-fails", "source-fails-clean", "auth-plain", "auth-login",
        "auth-external",
    ])
    func `a session that is split at any octet goes as in one piece`(_ name: String) throws {
        let input = try #require(try Target.conversation.inputs("Corpus").first { $0.name == name }).octets
        let whole = try ConversationFuzz.play(input, pieces: [])
        #expect(whole.count > 2)
        let length = input.count - ConversationPlan.size
        for split in 1..<length {
            let pieces = try ConversationFuzz.play(input, pieces: [split, length])
            #expect(pieces == whole, "split behind octet \(split)")
        }
        #expect(try ConversationFuzz.play(input, pieces: [1]) == whole)
    }

    /// The corpus is there to get far: through every mechanism, and to messages that are accepted.
    @Test func `the sessions of the corpus go as they are meant to`() throws {
        for input in try Target.conversation.inputs("Corpus") {
            let log = try ConversationFuzz.play(input.octets, pieces: [1]).joined(separator: "\n")
            let isRefused = ["error", "xoauth2", "bearer", "echo", "endless", "504"]
                .contains(where: input.name.contains)
            if input.name.hasPrefix("auth-"), !isRefused {
                #expect(log.contains("signed in by") && log.contains("accepted"), "\(input.name): \(log)")
            }
        }
        let three = try #require(try Target.conversation.inputs("Corpus").first { $0.name == "pipelined-three" })
        let log = try ConversationFuzz.play(three.octets, pieces: [])
        #expect(log.count { $0.contains("accepted(reply") } == 2, "\(log)")
    }

    private func check(_ target: Target, _ input: [UInt8], _ name: String) {
        do {
            try target.run(input)
        } catch {
            let octets = input.map { String($0, radix: 16) }.joined(separator: " ")
            Issue.record("\(target) \(name): \(error)\ninput: \(octets)")
        }
    }

    private static let words = [
        "250 ok\r\n", "250-", "354 go\r\n", "421 4.3.2 bye\r\n", "550 5.1.1 no\r\n", "452 4.5.3 many\r\n", "334 \r\n",
        "235 yes\r\n", "503 what\r\n", "\r\n", "\n", "2", "\u{0}", "\u{1}", "\u{4}", "\u{5}", "\u{6}", "\u{7}",
        "\u{1B}[2J",
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
