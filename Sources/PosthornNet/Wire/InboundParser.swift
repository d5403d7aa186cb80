package import Posthorn

/// Turns octets into events of one protocol, without any input or output of its own.
package protocol InboundParser {
    /// What the protocol is made of: a reply, a line, a piece of a body.
    associatedtype Event

    /// Takes the next event from the buffer and consumes its octets; `nil` if it is not complete.
    ///
    /// May consume octets without an event, and must bound what it keeps. The connection bounds the octets that it
    /// receives without any event (``ConnectionOptions/replyLimit``).
    ///
    /// - Throws: ``MailError`` with code `protocol-violation`.
    mutating func next(from buffer: inout ReceiveBuffer) throws -> Event?

    /// Writes an event into the transcript. The default writes nothing.
    func record(_ event: Event, in transcript: borrowing Transcript)
}

extension InboundParser {
    package func record(_ event: Event, in transcript: borrowing Transcript) {}
}

/// Reads lines that end in LF or CR LF.
package struct LineParser: InboundParser {
    private let limit: Int
    private var searched = 0

    /// A parser of lines of at most `limit` octets without their end.
    package init(limit: Int = LineParser.defaultLimit) { self.limit = limit }

    /// 64 KiB
    package static let defaultLimit = 64 * 1024

    package mutating func next(from buffer: inout ReceiveBuffer) throws -> [UInt8]? {
        guard let feed = buffer.firstIndex(of: 0x0A, from: searched) else {
            searched = buffer.count
            if searched > limit &+ 1 { throw Self.tooLong(limit) }
            return nil
        }
        searched = 0
        var line = buffer.read(feed &+ 1)
        line.removeLast()
        if line.last == 0x0D { line.removeLast() }
        if line.count > limit { throw Self.tooLong(limit) }
        return line
    }

    package func record(_ event: [UInt8], in transcript: borrowing Transcript) { transcript.received(event) }

    /// The error for a line beyond a limit.
    package static func tooLong(_ limit: Int) -> MailError {
        MailError(
            .protocolViolation,
            "the server sent a line of more than \(limit) octets where a reply was expected; "
                + "check that the settings name a mail server and its right port"
        )
    }
}
