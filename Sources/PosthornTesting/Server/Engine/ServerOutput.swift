/// A reply in pieces, some of which are made only when they are sent.
struct ServerOutput: OctetStream {
    /// A piece of a reply.
    struct Piece {
        enum Role { case line, content, end }
        enum Value {
            case octets([UInt8])
            case stream(any OctetStream)
        }
        let role: Role
        var value: Value
    }

    var pieces: [Piece]
    /// Where the next octet is: the piece, and its octet.
    private var current = 0
    private var offset = 0
    /// How many octets there are at most.
    private var rest = Int.max

    init(_ pieces: [Piece]) {
        self.pieces = pieces
    }

    init(_ octets: [UInt8]) {
        pieces = [Piece(role: .content, value: .octets(octets))]
    }

    /// A first line, content, and the line that ends it.
    init(line: [UInt8], content: Piece.Value, end: [UInt8]) {
        pieces = [
            Piece(role: .line, value: .octets(line)), Piece(role: .content, value: content),
            Piece(role: .end, value: .octets(end)),
        ]
    }

    /// The same, and no more than so many octets of it.
    func limited(to count: Int) -> ServerOutput {
        var output = self
        output.rest = max(0, min(rest, count))
        return ServerOutput([Piece(role: .content, value: .stream(output))])
    }

    mutating func next(_ limit: Int) -> [UInt8] {
        let limit = min(limit, rest)
        while limit > 0, current < pieces.count {
            switch pieces[current].value {
            case .octets(let octets):
                if offset < octets.count {
                    let piece = Array(octets[offset..<min(octets.count, offset + limit)])
                    offset += piece.count
                    rest -= piece.count
                    return piece
                }
            case .stream(var stream):
                let piece = stream.next(limit)
                pieces[current].value = .stream(stream)
                if !piece.isEmpty {
                    rest -= piece.count
                    return piece
                }
            }
            current += 1
            offset = 0
        }
        return []
    }

    /// All octets. For replies that have an end.
    mutating func all() -> [UInt8] {
        var octets: [UInt8] = []
        while true {
            let piece = next(64 * 1_024)
            if piece.isEmpty { return octets }
            octets += piece
        }
    }
}
