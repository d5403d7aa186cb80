@testable import Posthorn
@testable import PosthornNet
@testable import PosthornSMTP

/// Reads replies from octets of any kind.
///
/// An input is one octet with the number of cuts (0 to 15), that many sizes of pieces, and what the server says. The
/// properties: nothing traps; the result does not depend on the cuts; what is kept is bounded; an error is a `MailError`
/// that is fit for a terminal; the parser takes no octet of what follows a reply.
package enum ReplyFuzz {
    package static func run(_ octets: [UInt8]) throws(FuzzFailure) {
        var input = FuzzInput(octets)
        let sizes = input.octets(input.number(below: 16)).map(Int.init)
        try check(Array(input.rest), sizes)
    }

    /// Checks what a server says, in one piece, cut into pieces of these sizes, and octet by octet.
    package static func check(_ octets: [UInt8], _ sizes: [Int]) throws(FuzzFailure) {
        let whole = try read(octets, [])
        let pieces = try read(octets, sizes)
        let single = try read(octets, [1])
        try FuzzFailure.unless(whole == pieces, "in pieces of \(sizes): \(pieces), in one piece: \(whole)")
        try FuzzFailure.unless(whole == single, "octet by octet: \(single), in one piece: \(whole)")
        for reply in whole.replies { try use(reply) }
    }

    /// What was read, and what is left.
    private struct Reading: Equatable {
        var replies: [SMTPReply] = []
        var error: String?
        var isInsideReply = false
        var unread: [UInt8] = []
    }

    private static func read(_ octets: [UInt8], _ sizes: [Int]) throws(FuzzFailure) -> Reading {
        var reading = Reading()
        var parser = SMTPReplyParser()
        parser.mask = SecretMask([Secret("a secret that servers repeat")])
        var buffer = ReceiveBuffer()
        var cuts = FuzzCuts(sizes)
        var rest = octets[...]
        while !rest.isEmpty, reading.error == nil {
            let piece = cuts.piece(of: &rest)
            buffer.append(Array(piece))
            do {
                while let reply = try parser.next(from: &buffer) { reading.replies.append(reply) }
            } catch let error as MailError {
                try check(error)
                reading.error = error.message
            } catch {
                throw FuzzFailure("the parser threw no MailError: \(error)")
            }
            try FuzzFailure.unless(
                reading.error != nil || buffer.count <= SMTPReplyParser.lineLimit,
                "\(buffer.count) octets are kept of an unfinished line"
            )
        }
        // How much was received beyond an error, and consumed before it, depends on the cuts.
        if reading.error == nil {
            reading.isInsideReply = parser.isInsideReply
            reading.unread = buffer.read(buffer.count)
        }
        return reading
    }

    private static func check(_ error: MailError) throws(FuzzFailure) {
        try FuzzFailure.unless(error.code == .protocolViolation, "the error is \(error.debugDescription)")
        try FuzzFailure.unless(error.certainty == .notTaken, "the error is \(error.debugDescription)")
        try FuzzText.check(error.detailedDescription())
        try FuzzFailure.unless(
            !error.message.contains("a secret that servers repeat"),
            "the error shows a secret: \(error.message)"
        )
    }

    /// Everything that is done with a reply.
    private static func use(_ reply: SMTPReply) throws(FuzzFailure) {
        try FuzzFailure.unless((200..<600).contains(reply.code), "a reply has the code \(reply.code)")
        try FuzzFailure.unless(
            reply.text.count <= SMTPReplyParser.replyLimit,
            "a reply has \(reply.text.count) octets of text"
        )
        try FuzzText.check(reply.value.description)
        _ = SMTPQueueID.find(in: reply)
        let capabilities = SMTPCapabilities(reply: reply)
        try FuzzText.check(capabilities.summary + capabilities.serverName)
        _ = (capabilities.mechanisms, capabilities.sizeLimit, SMTPLimits(capabilities))
    }
}

/// Text for people.
enum FuzzText {
    /// No octet of it drives a terminal. Lines are ended by LF.
    static func check(_ text: String) throws(FuzzFailure) {
        let isFit = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
        try FuzzFailure.unless(isFit, "a text holds control characters: \(text.debugDescription)")
    }
}
