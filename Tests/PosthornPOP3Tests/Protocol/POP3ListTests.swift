import Posthorn
import TestSupport
import Testing

@testable import PosthornPOP3

/// The entries of a list made of the lines of LIST and UIDL.
private func entries(_ sizes: [String], _ names: [String] = []) throws -> [POP3MessageList.Entry] {
    var list = POP3MessageList(server: "mail.example.org:995")
    for line in sizes { try Array(line.utf8).withUnsafeBytes { try list.addSize($0) } }
    for line in names { try Array(line.utf8).withUnsafeBytes { try list.addUID($0) } }
    return list.entries()
}

@Suite struct POP3ListTests {
    @Test func `Sizes and names come together`() throws {
        let list = try entries(
            ["1 120", "2 200 octets", "5 7"],
            ["1 whqtswO00WBw418f9t5JxYwZ", "5 b c ", "2 x", "9 gone"]
        )
        #expect(list.map(\.number) == [1, 2, 5])
        #expect(list.map(\.size) == [120, 200, 7])
        #expect(list.map(\.id.description) == ["whqtswO00WBw418f9t5JxYwZ", "x", "b c"])
        #expect(list.allSatisfy { $0.isLasting })
    }

    @Test func `Names that several messages have, that are missing or too long name nothing for good`() throws {
        let long = String(repeating: "x", count: 2_000)
        let list = try entries(["1 1", "2 1", "3 1", "4 1", "5 1"], ["1 same", "2 same", "3 ok", "4 \(long)"])
        #expect(list.map(\.isLasting) == [false, false, true, false, false])
        #expect(Set(list.map(\.id)).count == 5)
    }

    @Test func `A name of the server is never taken for one that was made up`() throws {
        let list = try entries(["1 1", "2 1", "3 1"], ["1 number 2", "3 number 3"])
        #expect(Set(list.map(\.id)).count == 3 && list.allSatisfy { !$0.isLasting })
        #expect(list.map(\.id.description) == ["number 1", "number 2", "number 3"])
    }

    @Test(arguments: [
        "", "x", "1", "1 ", "1 x", "-1 5", "0 5", "1 -5", "18446744073709551616 1", "1 18446744073709551616", "1x 5",
        "99999999999999999999 5", "18446744073709551615 5",
    ])
    func `A line of LIST that is none is refused`(line: String) {
        let error = #expect(throws: MailError.self) { try entries([line]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test func `Numbers that do not ascend are refused`() {
        #expect(throws: MailError.self) { try entries(["2 1", "1 1"]) }
        #expect(throws: MailError.self) { try entries(["1 1", "1 1"]) }
        #expect(throws: MailError.self) { try entries(["1 1"], ["one name"]) }
    }

    @Test func `Lines are found however they are cut, and long ones refused`() throws {
        let wire = Array("1 10\r\n2 20\n3 30\r\n..x\r\n.\r\n+OK".utf8)
        for cut in 0...wire.count {
            var reader = POP3ListReader(.words, subject: "LIST")
            var lines: [String] = []
            var used = 0
            for piece in [wire[..<cut], wire[cut...]] {
                used += try piece.withUnsafeBytes { octets in
                    try reader.read(octets) { lines.append(String(decoding: $0, as: UTF8.self)) }
                }
            }
            #expect(lines == ["1 10", "2 20", "3 30", ".x"])
            #expect(reader.isAtEnd)
            #expect(used == wire.count - 3 || cut > wire.count - 3)
        }
        // The longest line, cut between its CR and its LF.
        var reader = POP3ListReader(.words, subject: "CAPA")
        var lengths: [Int] = []
        for piece in [[UInt8](repeating: 0x78, count: 4_096) + [13], [10]] {
            _ = try piece.withUnsafeBytes { octets in try reader.read(octets) { lengths.append($0.count) } }
        }
        #expect(lengths == [4_096])
        let endless = [UInt8](repeating: 0x78, count: 5_000)
        let error = #expect(throws: MailError.self) {
            var reader = POP3ListReader(.words, subject: "UIDL")
            _ = try endless.withUnsafeBytes { octets in try reader.read(octets) { _ in } }
        }
        #expect(error?.message.contains("UIDL") == true)
    }

    @Test func `Random octets never do harm`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            let alphabet = Array("0123456789 .\r\n+-xyz\t".utf8)
            let wire = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            var reader = POP3ListReader(.messages, subject: "LIST")
            var list = POP3MessageList(server: "x")
            var lines: [[UInt8]] = []
            _ = try? wire.withUnsafeBytes { octets in try reader.read(octets) { lines.append(Array($0)) } }
            for line in lines {
                try? line.withUnsafeBytes { try list.addSize($0) }
                try? line.withUnsafeBytes { try list.addUID($0) }
            }
            #expect(list.entries().count <= wire.count)
        }
    }

    @Test func `Capabilities are read`() {
        let lines = [
            "TOP", "sasl PLAIN login", "Sasl XOAUTH2", "LOGIN-DELAY 900 USER", "EXPIRE 60",
            "IMPLEMENTATION Shlemazle-Plotz-v302",
            "", "PIPELINING ", "EXPIRE NEVER",
        ]
        let capabilities = POP3Capabilities(lines: lines.map { Array($0.utf8) })
        #expect(capabilities.isKnown)
        #expect(capabilities.offers("top") && capabilities.offers("PIPELINING") && !capabilities.offers("UIDL"))
        #expect(capabilities.mechanisms == ["PLAIN", "LOGIN", "XOAUTH2"])
        #expect(capabilities.loginDelay == .seconds(900))
        #expect(capabilities.expiry?.days == 60)
        #expect(capabilities.implementation == "Shlemazle-Plotz-v302")
        #expect(POP3Capabilities(lines: [Array("EXPIRE NEVER".utf8)]).expiry == .never)
        #expect(POP3Capabilities(lines: [Array("LOGIN-DELAY soon".utf8)]).loginDelay == nil)
        #expect(!POP3Capabilities().isKnown)
    }
}
