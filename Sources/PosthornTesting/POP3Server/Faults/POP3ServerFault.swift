/// Something that a ``POP3TestServer`` does wrong, so that a program can be tested for what it makes of it.
///
/// ```swift
/// configuration.faults = [
///     .at(.retr, .nth(2), .cut(after: 400, .reset)),
///     .at(.quit, .end(.close)).deleting(false),
///     .afterSending(100, .cut).onMessage(.nth(3)),
///     .at(.stls, .surplus("+OK injected")),
/// ]
/// ```
/// A fault strikes at a place of the conversation, at a number of octets or after a silence; the `on…` functions
/// restrict it. All faults that strike at one reply shape it, in their order.
///
/// The server's books stay true whatever it says: ``POP3TestServer/maildrop(_:)`` is what it really has, and
/// ``POP3ServerConnection/faults`` are those that struck.
public struct POP3ServerFault: Hashable, Sendable, ServerFault {
    typealias Reply = POP3ServerReply

    let kind: ServerFaultKind<POP3ServerFault>
    var gates: [ServerFaultGate] = []
    var isDone: Bool?

    /// A fault at every reply at a place of the conversation.
    public static func at(_ place: Place, _ act: Act) -> POP3ServerFault { at(place, .every, act) }

    /// A fault at a place of the conversation.
    ///
    /// - Parameters:
    ///   - place: Where it strikes.
    ///   - turn: At which of the replies at that place, counted over the connection.
    ///   - act: What it does to the reply.
    public static func at(_ place: Place, _ turn: ServerTurn, _ act: Act) -> POP3ServerFault {
        POP3ServerFault(kind: .at(place, turn, act.value))
    }

    /// The connection ends when the client has sent this many octets, those under encryption counted decrypted.
    ///
    /// They are counted from the beginning of the connection; for a fault that is restricted to messages, from the
    /// beginning of the command that names the message, which is obeyed in any case. What has come until then is obeyed
    /// and answered.
    public static func afterReceiving(_ octets: Int, _ ending: ServerEnding) -> POP3ServerFault {
        POP3ServerFault(kind: .received(max(0, octets), ending))
    }

    /// The connection ends when this many octets of replies were sent, those under encryption counted before they are
    /// encrypted.
    ///
    /// They are counted from the greeting on; for a fault that is restricted to messages, from the reply to the command
    /// on that names the message. The reply in which the number is reached is cut, and what it answers is done
    /// nevertheless.
    public static func afterSending(_ octets: Int, _ ending: ServerEnding) -> POP3ServerFault {
        POP3ServerFault(kind: .sent(max(0, octets), ending))
    }

    /// The connection ends when nothing came for a while: a server that has little patience.
    ///
    /// - Parameters:
    ///   - limit: How long it waits.
    ///   - reply: What it says then; `nil` for nothing, as RFC 1939 wants it.
    ///   - ending: How the connection ends.
    public static func whenIdle(
        for limit: Duration,
        saying reply: POP3ServerReply? = nil,
        _ ending: ServerEnding = .close
    ) -> POP3ServerFault {
        POP3ServerFault(kind: .idle(limit, reply, ending))
    }

    /// One of several faults, by chance: for tests under load.
    ///
    /// The dice are the same on every run: they depend on the seed, on the number of the connection and, if they are
    /// thrown per message, on the number of the message.
    ///
    /// - Parameters:
    ///   - seed: Another seed gives other faults.
    ///   - probability: From 0, for never, to 1, for always.
    ///   - unit: Whether the dice are thrown for every connection or for every message.
    ///   - faults: The alternatives, all equally probable. Their own restrictions hold too.
    public static func random(
        seed: UInt64,
        probability: Double,
        per unit: ServerUnit = .connection,
        of faults: [POP3ServerFault]
    ) -> POP3ServerFault {
        POP3ServerFault(kind: .oneOf(faults, ServerChance(seed: seed, probability: probability, unit: unit)))
    }

    /// The same fault, on some connections only. The server counts its connections from 1.
    public func onConnection(_ turn: ServerTurn) -> POP3ServerFault { adding(.connection(turn)) }

    /// The same fault, only for commands that name some messages by their numbers: LIST, UIDL, TOP, RETR, DELE.
    public func onMessage(_ turn: ServerTurn) -> POP3ServerFault { adding(.message(turn)) }

    /// The same fault, only on connections that are encrypted by then, or only on those that are not.
    public func whenEncrypted(_ isEncrypted: Bool = true) -> POP3ServerFault { adding(.encrypted(isEncrypted)) }

    /// The same fault at ``Place/dele`` or ``Place/quit``, where the message is marked or the marked ones are deleted, or
    /// not, whatever the reply says.
    ///
    /// Without it, that is done as if there were no fault, unless the fault's answer refuses it.
    public func deleting(_ isDone: Bool) -> POP3ServerFault {
        var fault = self
        fault.isDone = isDone
        return fault
    }

    private func adding(_ gate: ServerFaultGate) -> POP3ServerFault {
        var fault = self
        fault.gates.append(gate)
        return fault
    }
}
