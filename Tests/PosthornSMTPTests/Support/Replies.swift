import Posthorn
import PosthornNet

@testable import PosthornSMTP

/// A reply as the engines get it; lines are separated by LF.
func reply(_ code: Int, _ text: String = "text") -> SMTPReply {
    SMTPReply(code: code, text: Array(text.utf8))
}

/// Parses all replies of a text that is received in one piece.
func parseReplies(_ octets: [UInt8]) throws -> [SMTPReply] {
    var parser = SMTPReplyParser()
    return try parseReplies(octets, with: &parser)
}

func parseReplies(_ octets: [UInt8], with parser: inout SMTPReplyParser) throws -> [SMTPReply] {
    var buffer = ReceiveBuffer(octets)
    var replies: [SMTPReply] = []
    while let reply = try parser.next(from: &buffer) { replies.append(reply) }
    return replies
}

/// Parses all replies of a text that is received in the given pieces.
func parseReplies(pieces: [[UInt8]]) throws -> [SMTPReply] {
    var parser = SMTPReplyParser()
    var buffer = ReceiveBuffer()
    var replies: [SMTPReply] = []
    for piece in pieces {
        buffer.append(piece)
        while let reply = try parser.next(from: &buffer) { replies.append(reply) }
    }
    return replies
}

/// The error that a call throws; `nil` if it throws none.
func mailError(_ body: () throws -> Void) -> MailError? {
    do {
        try body()
        return nil
    } catch {
        return error as? MailError
    }
}

func address(_ text: String) -> EmailAddress {
    do {
        return try EmailAddress(text)
    } catch {
        // A mistake in a test, not in what is tested.
        fatalError("a test gives a wrong address: \(error)")
    }
}
