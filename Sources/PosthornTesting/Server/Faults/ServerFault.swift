/// Something that a test server does wrong: what the fault types of all protocols have in common.
protocol ServerFault: Hashable, Sendable {
    /// Where a fault strikes: at the reply to something.
    associatedtype Place: ServerPlace
    /// What a fault answers.
    associatedtype Reply: ScriptedReply

    var kind: ServerFaultKind<Self> { get }
    var gates: [ServerFaultGate] { get }
    /// Whether what a reply answers is done, whatever the reply says; `nil` to leave that to the reply.
    var isDone: Bool? { get }
}

/// A place in a conversation.
protocol ServerPlace: Hashable, Sendable {
    /// Every reply, whatever it answers.
    static var anyReply: Self { get }
    /// What the server says in the TLS handshake.
    static var handshake: Self { get }
}

/// A reply, or any octets in place of one.
protocol ScriptedReply: Hashable, Sendable {
    /// The octets that are sent, line ends included.
    var octets: [UInt8] { get }
}

/// When a fault strikes, and what it does.
enum ServerFaultKind<Fault: ServerFault>: Hashable, Sendable {
    case at(Fault.Place, ServerTurn, ServerAct<Fault.Reply>)
    case received(Int, ServerEnding)
    case sent(Int, ServerEnding)
    case idle(Duration, Fault.Reply?, ServerEnding)
    case oneOf([Fault], ServerChance)
}

/// What must hold for a fault to strike.
enum ServerFaultGate: Hashable, Sendable {
    case connection(ServerTurn)
    case message(ServerTurn)
    case encrypted(Bool)
    /// That the dice have fallen for alternative `index` of `count`.
    case chance(ServerChance, index: Int, count: Int)
}

/// What a fault does to a reply.
enum ServerAct<Reply: ScriptedReply>: Hashable, Sendable {
    case answer(Reply)
    case answerAhead(Reply)
    case surplus(Reply)
    case twice
    case cut(Int, ServerEnding)
    case lose
    case delay(Duration)
    case drip(Duration)
    case end(ServerEnding)
    case endAfterReply(ServerEnding)
    case announce(adding: [String], hiding: [String])
    /// The lines of the reply do not end.
    case unterminated(ServerEnding)
    /// After its first line, the reply is this octet for ever.
    case endless(UInt8)
    /// The content of the reply is longer by so many octets.
    case lengthen(UInt64)
    /// Octets in front of the end of the reply, or of all of it.
    case insert(Reply, isFirst: Bool)
    /// The end of the reply has these octets in place of its first word.
    case retag([UInt8])
    /// The reply is this, and then an octet for ever.
    case endlessAfter(Reply, UInt8)
    /// Literals announce this in place of their sizes. For the session, which makes them.
    case literalSize(String)
}

extension ServerFault {
    /// The reply that is given in place of the usual one.
    var answer: Reply? {
        if case .at(_, _, .answer(let reply)) = kind { reply } else { nil }
    }
}
