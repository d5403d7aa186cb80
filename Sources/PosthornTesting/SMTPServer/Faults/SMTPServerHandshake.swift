/// How the server's side of a TLS handshake goes: what the faults that struck have made of it.
package struct SMTPServerHandshake: Sendable {
    /// What is sent in place of everything; empty for silence.
    package var replacement: [UInt8]?
    /// After how many encrypted octets the connection ends, and how.
    package var limit: Int?
    package var ending = SMTPServerFault.Ending.close
    /// The pause before each octet.
    package var drip: Duration?

    /// For the conversation, which waits before and ends afterwards.
    var delay = Duration.zero
    var endingBefore: SMTPServerFault.Ending?
    var endingAfter: SMTPServerFault.Ending?

    mutating func apply(_ act: SMTPServerFault.Act) {
        switch act.value {
        case .answer(let reply): replacement = reply.octets
        case .lose: replacement = []
        case .cut(let count, let ending):
            limit = count
            self.ending = ending
        case .delay(let duration): delay += duration
        case .drip(let pause): drip = pause
        case .end(let ending): endingBefore = ending
        case .endAfterReply(let ending): endingAfter = ending
        case .answerAhead, .surplus, .twice, .announce: break
        }
    }
}
