import Posthorn
import PosthornNet
import Testing

@testable import PosthornPOP3

/// What a parser makes of octets that come in pieces.
private func replies(to pieces: [String]) throws -> (replies: [POP3Reply], rest: Int) {
    var parser = POP3ReplyParser()
    var waiting: [UInt8] = []
    var replies: [POP3Reply] = []
    for piece in pieces {
        waiting += Array(piece.utf8)
        while true {
            let (used, reply) = try waiting.withUnsafeBytes { try parser.parse($0) }
            waiting.removeFirst(used)
            guard let reply else { break }
            replies.append(reply)
        }
    }
    return (replies, waiting.count)
}

@Suite struct POP3ReplyParserTests {
    @Test func `Replies are read however they are cut`() throws {
        let wire = "+OK\r\n+ok  ready <a@b>\r\n-ERR [IN-USE] Busy\n+ Y2hhbGxlbmdl\r\n+\r\n-err\r\n"
        let whole = try replies(to: [wire])
        #expect(whole.rest == 0)
        #expect(whole.replies.map(\.status) == [.ok, .ok, .error, .challenge, .challenge, .error])
        #expect(whole.replies.map { String(decoding: $0.text, as: UTF8.self) }[1] == "ready <a@b>")
        #expect(whole.replies[2].responseCode == .inUse)
        #expect(try replies(to: wire.map(String.init)).replies == whole.replies)
    }

    @Test(arguments: [
        "* OK IMAP4rev1 ready\r\n", "220 smtp ready\r\n", "HTTP/1.1 400\r\n", "+OKAY\r\n", "\r\n", "++\r\n",
    ])
    func `What is no reply is refused, with a word about the port`(line: String) {
        let error = #expect(throws: MailError.self) { try replies(to: [line]) }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message.contains("995") == true)
        if line.hasPrefix("*") { #expect(error?.message.contains("IMAP") == true) }
        if line.hasPrefix("220") { #expect(error?.message.contains("SMTP") == true) }
    }

    @Test func `A line without an end is refused before it fills the memory`() {
        let piece = String(repeating: "x", count: 10_000)
        let error = #expect(throws: MailError.self) {
            try replies(to: ["+OK "] + [String](repeating: piece, count: 10))
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test func `A secret that the server repeats is not shown`() throws {
        var parser = POP3ReplyParser()
        parser.mask = SecretMask([Secret("canary-password")])
        let error = #expect(throws: MailError.self) {
            _ = try Array("who is canary-password?\r\n".utf8).withUnsafeBytes { try parser.parse($0) }
        }
        #expect(error?.message.contains("canary") == false)
        #expect(error?.message.contains("<secret>") == true)
    }
}
