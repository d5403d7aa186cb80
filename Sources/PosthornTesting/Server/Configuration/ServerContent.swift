/// The octets of a message that a test server hands out: given as they are, or made when they are wanted, so that a
/// message of gigabytes needs no memory.
public struct ServerContent: Sendable {
    private enum Value: Sendable {
        case octets([UInt8])
        case repeating([UInt8])
        case made(@Sendable (UInt64, Int) -> [UInt8])
    }

    private let value: Value
    /// The number of octets.
    public let size: UInt64

    /// These octets, exactly.
    public init(_ octets: [UInt8]) {
        value = .octets(octets)
        size = UInt64(octets.count)
    }

    /// The UTF-8 octets of a text. Line ends are as they are: write `\r\n`.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// A piece over and over again, until the size is reached.
    ///
    /// - Parameters:
    ///   - chunk: What is repeated; a space if it is empty.
    ///   - size: The number of octets; the last piece is cut there.
    public static func repeating(_ chunk: [UInt8], size: UInt64) -> ServerContent {
        ServerContent(value: .repeating(chunk.isEmpty ? [32] : chunk), size: size)
    }

    /// Octets that a function makes.
    ///
    /// - Parameters:
    ///   - size: The number of octets.
    ///   - make: Gets an offset and a number of octets, at most 64 KiB, and gives those. Called on the server's event
    ///     loop, and several times for the same octets if a client asks for them again. What it gives beyond the number
    ///     is dropped, what is missing becomes spaces.
    public static func made(
        size: UInt64,
        _ make: @escaping @Sendable (_ offset: UInt64, _ count: Int) -> [UInt8]
    ) -> ServerContent {
        ServerContent(value: .made(make), size: size)
    }

    private init(value: Value, size: UInt64) {
        self.value = value
        self.size = size
    }

    /// All octets, in memory.
    public var octets: [UInt8] {
        if case .octets(let octets) = value { return octets }
        var octets: [UInt8] = []
        while UInt64(octets.count) < size { octets += self.octets(from: UInt64(octets.count), limit: 64 * 1_024) }
        return octets
    }

    /// The octets from an offset on: as many as there are up to `limit`, or fewer; none at the end.
    func octets(from offset: UInt64, limit: Int) -> [UInt8] {
        guard offset < size else { return [] }
        let count = Int(min(UInt64(min(max(1, limit), 64 * 1_024)), size - offset))
        switch value {
        case .octets(let octets):
            return Array(octets[Int(offset)..<(Int(offset) + count)])
        case .repeating(let chunk):
            let start = Int(offset % UInt64(chunk.count))
            var piece = Array(chunk[start...].prefix(count))
            piece += chunk.prefix(min(start, count - piece.count))
            // Whole rounds by now, if there is room for more: doubled, so that short chunks do not cost a step each.
            while piece.count < count { piece += piece.prefix(count - piece.count) }
            return piece
        case .made(let make):
            let piece = make(offset, count)
            return piece.count < count
                ? piece + [UInt8](repeating: 32, count: count - piece.count) : Array(piece.prefix(count))
        }
    }
}
