import Posthorn

/// Where the octets of a message that was read are.
enum MessageOctets: Sendable {
    case memory([UInt8])
    case file(ReadableFile)

    /// The size of a piece that is read at a time.
    static let pieceSize = 128 * 1024

    /// Gives the octets of a range to `body`, piece by piece.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if the file cannot be read or was changed meanwhile; what
    ///   `body` throws.
    func forEachPiece(of range: Range<UInt64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        switch self {
        case .memory(let octets):
            let range = Range<Int>(clamping: range).clamped(to: octets.indices)
            try octets.withUnsafeBytes { all in
                var position = range.lowerBound
                while position < range.upperBound {
                    let end = min(position + Self.pieceSize, range.upperBound)
                    try body(UnsafeRawBufferPointer(rebasing: all[position..<end]))
                    position = end
                }
            }
        case .file(let file):
            try Self.forEachPiece(of: range, in: file, body)
        }
    }

    private static func forEachPiece(
        of range: Range<UInt64>,
        in file: ReadableFile,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard !range.isEmpty else { return }
        let size = Int(clamping: min(UInt64(pieceSize), range.upperBound - range.lowerBound))
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { space.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = Int(clamping: min(UInt64(size), range.upperBound - position))
            let taken = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<wanted]), at: position)
            guard taken == wanted else { throw file.changed() }
            try body(UnsafeRawBufferPointer(rebasing: space[..<taken]))
            position += UInt64(taken)
        }
        try file.checkUnchanged()
    }
}

extension Range where Bound == Int {
    /// The same range, as far as such numbers go.
    init(clamping range: Range<UInt64>) {
        self = Int(clamping: range.lowerBound)..<Int(clamping: range.upperBound)
    }
}
