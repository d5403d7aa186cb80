/// One thing that a scripted server does.
package struct TranscriptStep: Sendable {
    enum Action: Sendable {
        case send([UInt8])
        case drip([UInt8], Duration)
        case flood([UInt8], limit: Int)
        case expectLine(prefix: String)
        case expectExactly([UInt8])
        case receive(through: [UInt8])
        case pause(Duration)
        case stall
        case drain
        case halfClose
        case close
        case reset
    }

    var action: Action

    /// Sends text as UTF-8; line ends are written out: `"220 hi\r\n"`.
    package static func send(_ text: String) -> TranscriptStep { .send(Array(text.utf8)) }

    /// Sends bytes in one write.
    package static func send(_ bytes: [UInt8]) -> TranscriptStep { TranscriptStep(action: .send(bytes)) }

    /// Sends text one byte at a time, with a pause after each.
    package static func drip(_ text: String, every interval: Duration) -> TranscriptStep {
        TranscriptStep(action: .drip(Array(text.utf8), interval))
    }

    /// Sends a pattern again and again until the other side has had enough or `limit` bytes have been written.
    ///
    /// How many were written is in `TranscriptServer.sentCount`.
    package static func flood(_ pattern: String, limit: Int) -> TranscriptStep {
        TranscriptStep(action: .flood(Array(pattern.utf8), limit: limit))
    }

    /// Waits for a line that begins with a text (upper and lower case are alike) and ends in CRLF.
    package static func expect(_ prefix: String) -> TranscriptStep {
        TranscriptStep(action: .expectLine(prefix: prefix))
    }

    /// Waits for as many bytes as the text has; they must be the same.
    package static func expectExactly(_ text: String) -> TranscriptStep {
        TranscriptStep(action: .expectExactly(Array(text.utf8)))
    }

    /// Takes everything up to and including a text: `"\r\n.\r\n"`.
    package static func receive(through text: String) -> TranscriptStep {
        TranscriptStep(action: .receive(through: Array(text.utf8)))
    }

    /// Does nothing for a while.
    package static func pause(_ duration: Duration) -> TranscriptStep { TranscriptStep(action: .pause(duration)) }

    /// Neither reads nor writes any more; the connection stays open until the server is stopped.
    package static let stall = TranscriptStep(action: .stall)

    /// Takes and records everything until the other side closes.
    package static let drain = TranscriptStep(action: .drain)

    /// Closes the server's direction, and goes on reading.
    package static let halfClose = TranscriptStep(action: .halfClose)

    /// Closes the connection in good order. The end of a script does the same.
    package static let close = TranscriptStep(action: .close)

    /// Cuts the connection: the other side gets a reset.
    package static let reset = TranscriptStep(action: .reset)
}
