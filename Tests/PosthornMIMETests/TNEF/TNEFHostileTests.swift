import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct TNEFHostileTests {
    private typealias W = TNEFWriter

    /// All that comes out of a message, in octets, so that nothing of it is left unread.
    private func size(_ message: TNEFMessage) -> Int {
        let parts = message.parts.reduce(0) { $0 + $1.octets.count }
        let embedded = message.attachments.compactMap(\.message).reduce(0) { $0 + size($1) }
        return parts + message.properties.reduce(0) { $0 + $1.values.count } + embedded
    }

    @Test func `every beginning of a message is read, and says that it is one`() {
        let octets = W.everything()
        for count in 0..<octets.count {
            let message = TNEFDecoder.decode(Array(octets.prefix(count)))
            #expect(size(message) <= octets.count * 9)
            // Between two attributes, nobody can see that something is missing.
            if message.defects.isEmpty { #expect(count > 5) }
        }
    }

    @Test func `what is before the end of a truncated message is there`() {
        var writer = TNEFWriter()
        writer.add(0x0001_8004, text: "Subject")
        let first = writer.octets.count
        writer.attachment(title: "a.txt", [1, 2, 3])
        for count in first..<writer.octets.count {
            let message = TNEFDecoder.decode(Array(writer.octets.prefix(count)))
            #expect(message.subject == "Subject")
        }
    }

    @Test func `every change of a single octet is read`() {
        let octets = W.everything()
        for index in octets.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF, octets[index] ^ 1, octets[index] &+ 1] {
                var changed = octets
                changed[index] = value
                #expect(size(TNEFDecoder.decode(changed)) <= octets.count * 9)
            }
        }
    }

    @Test func `many changes at once are read`() {
        let octets = W.everything()
        var random = Numbers(state: 42)
        for _ in 0..<3_000 {
            var changed = octets
            for _ in 0..<(1 + Int(random.next() % 12)) {
                changed[Int(random.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            #expect(size(TNEFDecoder.decode(changed)) <= octets.count * 9)
        }
    }

    @Test func `an attribute of four gigabytes takes what there is`() {
        var writer = TNEFWriter()
        writer.append([1] + W.little(UInt32(0x0001_8004)) + W.little(UInt32.max) + Array("Hi".utf8))
        let message = TNEFDecoder.decode(writer.octets)
        #expect(message.subject == "Hi")
        #expect(message.defects.map(\.kind) == [.truncated])
    }

    @Test func `messages in messages end at the limit, and the innermost stays octets`() {
        var octets = TNEFWriter().octets
        for _ in 0..<20 {
            var outer = TNEFWriter()
            outer.attachment(title: nil, nil, properties: [W.object(W.messageInterface, octets)])
            octets = outer.octets
        }
        let outermost = TNEFDecoder.decode(octets)
        var message = outermost
        var depth = 0
        while let inner = message.attachments.first?.message {
            message = inner
            depth += 1
        }
        #expect(depth == 16)
        #expect(TNEFDecoder.isTNEF(message.attachments[0].octets))
        #expect(outermost.defects.map(\.kind) == [.tooDeep])
    }

    @Test func `the limits hold for the whole of a message`() {
        var limits = TNEFLimits()
        limits.attributes = 5
        let octets = W.everything()
        let few = TNEFDecoder.decode(octets, limits: limits)
        #expect(few.attributes.count == 5)
        #expect(few.defects.map(\.kind) == [.tooMany])
        limits = TNEFLimits()
        limits.attachments = 1
        let one = TNEFDecoder.decode(octets, limits: limits)
        #expect(one.attachments.count == 1)
        #expect(Array(one.attachments[0].octets) == Array("content".utf8))
        #expect(one.defects.map(\.kind) == [.tooMany])
        limits = TNEFLimits()
        limits.properties = 4
        let poor = TNEFDecoder.decode(octets, limits: limits)
        #expect(poor.properties.count == 4)
        #expect(poor.attachments.count == 2)
        #expect(poor.defects.contains { $0.kind == .tooMany })
        limits = TNEFLimits()
        limits.defects = 3
        var wrong = TNEFWriter()
        for _ in 0..<10 { wrong.add(0x0001_8004, [65], checksum: 0) }
        #expect(TNEFDecoder.decode(wrong.octets, limits: limits).defects.count == 3)
    }

    @Test func `lists of values count as properties`() {
        var limits = TNEFLimits()
        limits.properties = 10
        var writer = TNEFWriter()
        writer.properties([W.counted(0x3000_101F, Array(repeating: [], count: 100)), W.integer(0x0017_0003, 1)])
        let message = TNEFDecoder.decode(writer.octets, limits: limits)
        #expect((message.properties.first?.values.count ?? 0) <= 10)
        #expect(message.defects.map(\.kind) == [.tooMany])
    }

    @Test func `a hundred thousand small things end in a list of them`() {
        var writer = TNEFWriter()
        for _ in 0..<10_100 { writer.add(0x0006_9002, level: 2, []) }
        let message = TNEFDecoder.decode(writer.octets)
        #expect(message.attachments.count == 10_000)
        #expect(message.defects.map(\.kind) == [.tooMany])
        var rows = TNEFWriter()
        rows.add(0x0006_9004, W.little(UInt32(200_000)) + [UInt8](repeating: 0, count: 800_000))
        let table = TNEFDecoder.decode(rows.octets)
        #expect(table.recipients.count == 100_000)
        #expect(table.defects.map(\.kind) == [.tooMany])
    }

    /// The same numbers each time (xorshift).
    private struct Numbers {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
