/// Which of several a fault concerns: of connections, of messages, of replies. All are counted from 1.
public struct ServerTurn: Hashable, Sendable {
    private enum Value: Hashable, Sendable {
        case every
        case nth(Int)
        case from(Int)
    }
    private let value: Value

    /// All of them.
    public static let every = ServerTurn(value: .every)
    /// The first one only.
    public static let first = ServerTurn.nth(1)

    /// This one only.
    public static func nth(_ number: Int) -> ServerTurn { ServerTurn(value: .nth(number)) }

    /// This one and all after it.
    public static func from(_ number: Int) -> ServerTurn { ServerTurn(value: .from(number)) }

    func includes(_ number: Int) -> Bool {
        switch value {
        case .every: true
        case .nth(let wanted): number == wanted
        case .from(let first): number >= first
        }
    }
}
