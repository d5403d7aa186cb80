import PosthornNet
import TestSupport
import Testing

@testable import PosthornIMAP

/// Where the octets are cut changes nothing.
@Suite(.computing) struct SplitTests {
    @Test(arguments: Samples.all) func `a response that is split at any octet gives the same events`(
        _ sample: String
    ) throws {
        let octets = Array(sample.utf8)
        for inline in [64 << 10, 4, -1] {
            var limits = IMAPLimits()
            limits.inlineSection = inline
            let whole = try IMAPResponseFuzz.read(octets, [], limits: limits)
            #expect(whole.error == nil && whole.unread.isEmpty, "\(whole)")
            #expect(!whole.responses.isEmpty)
            for split in 1..<octets.count {
                let pieces = try IMAPResponseFuzz.read(octets, [split, octets.count], limits: limits)
                #expect(pieces == whole, "split behind octet \(split)")
            }
            #expect(try IMAPResponseFuzz.read(octets, [1], limits: limits) == whole)
        }
    }

    @Test(arguments: Samples.all) func `a response that is cut off is not taken for a whole one`(
        _ sample: String
    ) throws {
        let octets = Array(sample.utf8)
        let whole = try IMAPResponseFuzz.read(octets, [])
        let cut = try IMAPResponseFuzz.read(Array(octets.dropLast()), [])
        #expect(cut.responses == whole.responses.dropLast())
    }

    @Test func `mutations of the samples break no property`() throws {
        var random = SeededGenerator(seed: 0x1A4B_0006)
        for _ in 0..<2_500 {
            var octets = Array((Samples.all.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<max(1, octets.count), using: &random)
                let end = min(octets.count, place + Int.random(in: 0...20, using: &random))
                guard place < octets.count else { continue }
                switch Int.random(in: 0..<5, using: &random) {
                case 0: octets[place] = UInt8.random(in: 0...255, using: &random)
                case 1: octets.removeSubrange(place..<end)
                case 2: octets.insert(contentsOf: octets[place..<end], at: place)
                case 3:
                    let words = [
                        "(", ")", "\"", "NIL", "{3}\r\n", "\r\n", "{99999999999999999999}\r\n", "* ", "]", "\\",
                    ]
                    octets.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
                default:
                    let other = Array((Samples.all.randomElement(using: &random) ?? "").utf8)
                    octets.replaceSubrange(place..<end, with: other.suffix(30))
                }
            }
            let options = UInt8.random(in: 0...255, using: &random)
            let sizes = (0..<Int(options & 7)).map { _ in UInt8.random(in: 0...20, using: &random) }
            try IMAPResponseFuzz.run([options] + sizes + octets)
        }
    }

    @Test func `a long response that comes octet by octet is searched once`() throws {
        // 350,000 octets, each on its own: done in a moment only if nothing is searched from the start.
        var octets = Array("* SEARCH".utf8)
        for number in 1...60_000 { octets += Array(" \(number)".utf8) }
        octets += [13, 10]
        var parser = IMAPResponseParser(expectsGreeting: false)
        var buffer = ReceiveBuffer()
        var events: [IMAPEvent] = []
        for octet in octets {
            buffer.append([octet])
            if let event = try parser.next(from: &buffer) { events.append(event) }
        }
        guard case .response(.search(let found))? = events.first else {
            Issue.record("no SEARCH")
            return
        }
        #expect(found.numbers == Array(1...60_000))
    }

    /// Many of one kind, in front of what ends them.
    enum Crowd: String, CaseIterable, Sendable {
        case sections = "BODY[] {0}\r\n "
        case unknown = "X 1 "
        case sizes = "BINARY.SIZE[1] 1 "
        case behindTheEnd = "]{0}\r\n"

        var items: String {
            (self == .behindTheEnd ? String(repeating: "UID 1 ", count: 30_000) + ")" : "")
                + String(repeating: rawValue, count: 300_000 / rawValue.utf8.count)
        }
    }

    /// Does not come to its end in any useful time if each item copied or read those before it.
    @Test(arguments: Crowd.allCases) func `very many items take time in proportion`(
        _ crowd: Crowd
    ) throws {
        for inline in [64 << 10, -1] {
            var limits = IMAPLimits()
            limits.inlineSection = inline
            var parser = IMAPResponseParser(limits: limits, expectsGreeting: false)
            var buffer = ReceiveBuffer("* 1 FETCH (\(crowd.items))\r\n".utf8)
            var last: IMAPEvent?
            if crowd == .behindTheEnd {
                #expect(throws: (any Error).self) { while try parser.next(from: &buffer) != nil {} }
            } else {
                while let event = try parser.next(from: &buffer) { last = event }
                guard case .response(.fetch)? = last else { throw NotAFetch() }
            }
        }
    }
}
