/// The header of a message and some lines of its body, taken out of its octets as they come.
package struct MessageBeginning {
    /// The most octets of a header, with the empty line.
    static let headerLimit = 1 << 20
    /// The most octets of the lines of the body.
    static let bodyLimit = 16 << 20

    private let id: StoredMessage.ID
    private var linesLeft: Int
    private var isLineEmpty = true
    /// How many octets the header has, once it is complete.
    private var headerLength: Int?
    private(set) var octets: [UInt8] = []
    /// Whether nothing is missing.
    private(set) var isComplete = false

    init(of id: StoredMessage.ID, bodyLines: Int) {
        self.id = id
        linesLeft = max(0, bodyLines)
    }

    /// Takes the next octets of the message.
    ///
    /// - Throws: ``MailError`` with code `too-large`.
    mutating func take(_ piece: [UInt8]) throws {
        var end = 0
        while end < piece.count, !isComplete {
            let octet = piece[end]
            end += 1
            if octet == 0x0A { endLine(octets.count + end) } else if octet != 0x0D { isLineEmpty = false }
        }
        octets.append(contentsOf: piece[..<end])
        let header = headerLength ?? octets.count
        guard header <= Self.headerLimit, octets.count - header <= Self.bodyLimit else {
            throw MailError(
                .tooLarge,
                "the beginning of the message '\(PeerText.shown(id.description))' is longer than is read at once "
                    + "(\(Self.headerLimit) octets of header, \(Self.bodyLimit) of the body's lines); "
                    + "read the whole message piece by piece"
            )
        }
    }

    private mutating func endLine(_ position: Int) {
        if headerLength != nil {
            linesLeft -= 1
        } else if isLineEmpty {
            headerLength = position
        }
        isLineEmpty = true
        isComplete = headerLength != nil && linesLeft == 0
    }
}

extension MessageBeginning {
    /// Reads the beginning of a message, and no more of it than that needs.
    ///
    /// - Throws: ``MailError`` with code `too-large`; what the reader throws.
    package static func read(
        _ reader: inout any ContentReader,
        of id: StoredMessage.ID,
        bodyLines: Int
    ) async throws -> [UInt8] {
        var beginning = MessageBeginning(of: id, bodyLines: bodyLines)
        var piece: [UInt8] = []
        while !beginning.isComplete, try await reader.readSome(into: &piece) {
            try beginning.take(piece)
            piece.removeAll(keepingCapacity: true)
        }
        return beginning.octets
    }
}
