/// How the server's side of a TLS handshake goes: what the faults that struck have made of it.
package struct ServerHandshake: Sendable {
    /// What is sent in place of everything; empty for silence.
    package var replacement: [UInt8]?
    /// After how many encrypted octets the connection ends, and how.
    package var limit: Int?
    package var ending = ServerEnding.close
    /// The pause before each octet.
    package var drip: Duration?

    /// For the conversation, which waits before and ends afterwards.
    var delay = Duration.zero
    var endingBefore: ServerEnding?
    var endingAfter: ServerEnding?

    mutating func apply<Reply: ScriptedReply>(_ act: ServerAct<Reply>) {
        switch act {
        case .answer(let reply): replacement = reply.octets
        case .lose: replacement = []
        case .cut(let count, let ending):
            limit = count
            self.ending = ending
        case .delay(let duration): delay += duration
        case .drip(let pause): drip = pause
        case .end(let ending): endingBefore = ending
        case .endAfterReply(let ending): endingAfter = ending
        case .answerAhead, .surplus, .twice, .announce, .unterminated, .endless, .lengthen, .insert, .retag,
            .endlessAfter, .literalSize:
            break
        }
    }
}
