/// How a reply is sent: what the faults that struck have made of it.
struct ReplyPlan {
    /// Changes the capabilities in a reply's content: lines that are added, and first words of those that are left out.
    typealias Announcing = (_ octets: [UInt8], _ adding: [String], _ hiding: Set<String>) -> [UInt8]

    var output: ServerOutput
    var delay = Duration.zero
    /// The pause before each octet.
    var drip: Duration?
    /// How the connection ends afterwards.
    var ending: ServerEnding?
    /// How many later replies have been given already.
    var repliesAhead = 0

    init(_ output: ServerOutput) {
        self.output = output
    }

    mutating func apply<Reply: ScriptedReply>(_ act: ServerAct<Reply>, announcing: Announcing) {
        switch act {
        case .answer(let reply): output = ServerOutput(reply.octets)
        case .answerAhead(let reply):
            output.pieces += ServerOutput(reply.octets).pieces
            repliesAhead += 1
        case .surplus(let reply): output.pieces += ServerOutput(reply.octets).pieces
        case .twice: output.pieces += output.pieces
        case .cut(let count, let ending):
            output = output.limited(to: count)
            self.ending = ending
        case .lose: output.pieces = []
        case .delay(let duration): delay += duration
        case .drip(let pause): drip = pause
        case .end(let ending):
            output.pieces = []
            self.ending = ending
        case .endAfterReply(let ending): self.ending = ending
        case .announce(let lines, let keywords):
            let hidden = Set(keywords.map { $0.uppercased() })
            for index in output.pieces.indices where output.pieces[index].role == .content {
                guard case .octets(let octets) = output.pieces[index].value else { continue }
                output.pieces[index].value = .octets(announcing(octets, lines, hidden))
            }
        case .unterminated(let ending):
            output.pieces.removeAll { $0.role == .end }
            self.ending = ending
        case .endless(let octet):
            output.pieces = output.pieces.filter { $0.role == .line }
            insertContent(FillerStream([octet], count: nil))
        case .insert(let reply, let isFirst):
            let position = isFirst ? 0 : output.pieces.lastIndex { $0.role == .end } ?? output.pieces.count
            let piece = ServerOutput.Piece(role: .content, value: .octets(reply.octets))
            output.pieces.insert(piece, at: position)
        case .retag(let tag):
            for index in output.pieces.indices where output.pieces[index].role == .end {
                guard case .octets(let octets) = output.pieces[index].value else { continue }
                output.pieces[index].value = .octets(tag + octets.drop { $0 != UInt8(ascii: " ") })
            }
        case .endlessAfter(let reply, let octet):
            output = ServerOutput(reply.octets)
            insertContent(FillerStream([octet], count: nil))
        case .literalSize: break
        case .lengthen(let count):
            // Whole lines and then a shorter or longer one, so that what comes behind stands at the beginning of a line.
            let line = [UInt8](repeating: UInt8(ascii: "x"), count: 76) + [13, 10]
            let rest = count % 78 == 1 && count > 78 ? 79 : count % 78
            insertContent(FillerStream(line, count: count - min(count, rest)))
            if rest > 0 {
                let last = [UInt8](repeating: UInt8(ascii: "x"), count: max(2, Int(rest)) - 2) + [13, 10]
                insertContent(FillerStream(last, count: UInt64(last.count)))
            }
        }
    }

    /// Puts octets behind the content.
    private mutating func insertContent(_ stream: any OctetStream) {
        let end = output.pieces.lastIndex { $0.role != .end }.map { $0 + 1 } ?? 0
        output.pieces.insert(ServerOutput.Piece(role: .content, value: .stream(stream)), at: end)
    }
}
