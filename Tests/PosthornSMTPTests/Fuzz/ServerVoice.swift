@testable import PosthornNet

/// What a fuzzed server says, piece by piece, each when the client waits for it.
///
/// Some octets stand for what a server knows only in the conversation; see ``SignInEcho``.
struct ServerVoice {
    private var rest: ArraySlice<UInt8>
    private var cuts: FuzzCuts
    var buffer = ReceiveBuffer()

    init(_ octets: ArraySlice<UInt8>, sizes: [Int]) {
        rest = octets
        cuts = FuzzCuts(sizes)
    }

    /// What was neither delivered nor read.
    var unread: [UInt8] { buffer.copy(0..<buffer.count) + rest }

    /// Brings the next piece; false if there is none.
    mutating func speak(_ echo: SignInEcho?) -> Bool {
        guard !rest.isEmpty else { return false }
        let piece = cuts.piece(of: &rest)
        guard let echo else {
            buffer.append(Array(piece))
            return true
        }
        for octet in piece { buffer.append(echo.meaning(of: octet) ?? [octet]) }
        return true
    }
}
