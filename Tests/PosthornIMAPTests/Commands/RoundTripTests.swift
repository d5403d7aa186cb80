import Posthorn
import PosthornNet
import TestSupport
import Testing

@testable import PosthornIMAP

/// What the encoder writes, the lexer reads.
@Suite struct IMAPRoundTripTests {
    private func argument(of command: IMAPCommand, _ encoding: IMAPEncoding) throws -> [UInt8] {
        var octets: [UInt8] = []
        for case .text(let text) in try command.encoded(tag: "A", encoding) { octets += text.wire.octets }
        return Array(octets.dropFirst("A DELETE ".utf8.count).dropLast(2))
    }

    @Test func `names of folders of any kind`() throws {
        var random = SeededGenerator(seed: 0x1A4B_0007)
        let scalars = Array("ab/&-.\"\\ (){}%*]~+üß漢😀\u{7F}\t".unicodeScalars)
        for _ in 0..<3_000 {
            var name = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                name.unicodeScalars.append(scalars.randomElement(using: &random) ?? "x")
            }
            for encoding in [IMAPEncoding(), .rev2] {
                let sent = IMAPMailboxName(name, isUTF8: encoding.isUTF8)
                let octets = try argument(of: .delete(sent), encoding)
                let read = try octets.withUnsafeBytes { bytes in
                    var lexer = IMAPLexer(bytes, limits: IMAPLimits())
                    let read = try lexer.mailbox()
                    #expect(lexer.isAtEnd)
                    return read
                }
                #expect(read == sent && read.text(isUTF8: encoding.isUTF8) == name)
            }
        }
    }

    @Test func `sets of numbers`() throws {
        var random = SeededGenerator(seed: 0x1A4B_0008)
        for _ in 0..<2_000 {
            let numbers = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                UInt32.random(in: 1...40, using: &random)
            }
            let set = IMAPSequenceSet(numbers)
            let read = try Array(set.description.utf8).withUnsafeBytes { bytes in
                var lexer = IMAPLexer(bytes, limits: IMAPLimits())
                return try lexer.numberSet()
            }
            #expect(read == set.ranges && Set(read.joined()) == Set(numbers) && set.count == Set(numbers).count)
            let pieces = set.pieces(of: 10)
            #expect(pieces.allSatisfy { $0.description.utf8.count <= 10 || $0.ranges.count == 1 })
            #expect(pieces.flatMap(\.ranges) == set.ranges)
        }
    }

    @Test func `unions of sets`() {
        var set = IMAPSequenceSet([1, 2, 3, 7, UInt32.max])
        #expect(set.description == "1:3,7,4294967295")
        set.formUnion(.from(9))
        set.formUnion(.last)
        set.formUnion(IMAPSequenceSet(4...5))
        #expect(set.description == "1:5,7,4294967295,9:*")
        #expect(IMAPSequenceSet.last.description == "*" && IMAPSequenceSet.all.description == "1:*")
        set.formUnion(.savedResult)
        #expect(set.description == "$")
        #expect(IMAPSequenceSet(ranges: [5...9, 1...6, 10...10]).description == "1:10")
    }

    @Test func `dates`() throws {
        var random = SeededGenerator(seed: 0x1A4B_0009)
        for _ in 0..<3_000 {
            let date = IMAPDateTime(
                secondsSince1970: Int64.random(in: -60_000_000_000...250_000_000_000, using: &random),
                offsetMinutes: Int.random(in: -720...840, using: &random)
            )
            let read = try Array("\"\(date)\"".utf8).withUnsafeBytes { bytes in
                var lexer = IMAPLexer(bytes, limits: IMAPLimits())
                return try lexer.dateTime()
            }
            #expect(read == date)
        }
        #expect(IMAPDateTime(secondsSince1970: 0).description == " 1-Jan-1970 00:00:00 +0000")
        #expect(IMAPDateTime(secondsSince1970: .max, offsetMinutes: .min).description.hasSuffix("-9959"))
    }

    @Test(arguments: [
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), ("Hi Mom -☺-!", "Hi Mom -&Jjo--!"), ("A&B", "A&-B"),
        ("", ""),
    ]) func `modified UTF-7 of RFC 3501`(_ name: String, _ encoded: String) {
        #expect(ModifiedUTF7.encoded(name) == encoded)
        #expect(ModifiedUTF7.decoded(encoded.utf8) == name)
    }

    @Test(arguments: ["&", "&Jjo", "&AGE-", "&Jjo-&Jjo-", "&2AA-", "&====-", "a&/-", "&Jjp-", "&AAA"])
    func `modified UTF-7 that is none is not decoded`(_ text: String) {
        #expect(ModifiedUTF7.decoded(text.utf8) == nil)
        #expect(IMAPMailboxName(text).text(isUTF8: false) == text)
    }

    @Test func `a literal waits for the server unless it may go at once`() throws {
        let long = String(repeating: "x", count: 5_000)
        let command = IMAPCommand.search(.text(long))
        #expect(try command.written() == "UID SEARCH TEXT {5000}\r\n⏎\(long)")
        #expect(try command.written(.minus) == "UID SEARCH TEXT {5000}\r\n⏎\(long)")
        #expect(try command.written(.plus) == "UID SEARCH TEXT {5000+}\r\n\(long)")
        let edge = String(repeating: "x", count: 4_096)
        #expect(try IMAPCommand.search(.text(edge)).written(.minus) == "UID SEARCH TEXT {4096+}\r\n\(edge)")
    }
}
