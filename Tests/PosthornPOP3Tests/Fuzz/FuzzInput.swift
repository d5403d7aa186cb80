/// Octets that decide, one by one, what a run does. There is always another: behind the end they are zero.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    mutating func octet() -> UInt8 { rest.popFirst() ?? 0 }

    /// A number below `limit`.
    mutating func number(below limit: Int) -> Int { Int(octet()) % limit }

    mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in octet() } }
}

/// Cuts octets into pieces whose sizes come round again and again.
struct FuzzCuts {
    private let sizes: [Int]
    private var next = 0

    /// - Parameter sizes: without any, everything is one piece.
    init(_ sizes: [Int]) { self.sizes = sizes.filter { $0 > 0 } }

    /// The next piece of what is left.
    mutating func piece(of octets: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard !sizes.isEmpty else {
            defer { octets = [] }
            return octets
        }
        let piece = octets.prefix(sizes[next])
        next = (next + 1) % sizes.count
        octets = octets.dropFirst(piece.count)
        return piece
    }
}
