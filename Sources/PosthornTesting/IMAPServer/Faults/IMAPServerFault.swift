/// Something that an ``IMAPTestServer`` does wrong, so that a program can be tested for what it makes of it.
///
/// ```swift
/// configuration.faults = [
///     .at(.fetch, .nth(2), .cut(after: 400, .reset)),
///     .at(.append, .end(.reset)).doing(false),
///     .at(.select, .insert("* OK [ALERT] the disk is nearly full")),
///     .afterSending(100, .cut).onCommand(.nth(3)),
///     .at(.startTLS, .surplus("* BYE injected")),
/// ]
/// ```
/// A fault strikes at a place of the conversation, at a number of octets or after a silence; the `on…` functions
/// restrict it. All faults that strike at one reply shape it, in their order.
///
/// The server's books stay true whatever it says: ``IMAPTestServer/mailbox(_:of:)`` is what it really has, and
/// ``IMAPServerConnection/faults`` are those that struck.
public struct IMAPServerFault: Hashable, Sendable, ServerFault {
    typealias Reply = IMAPServerReply

    let kind: ServerFaultKind<IMAPServerFault>
    var gates: [ServerFaultGate] = []
    var isDone: Bool?

    /// A fault at every reply at a place of the conversation.
    public static func at(_ place: Place, _ act: Act) -> IMAPServerFault { at(place, .every, act) }

    /// A fault at a place of the conversation.
    ///
    /// - Parameters:
    ///   - place: Where it strikes.
    ///   - turn: At which of the replies at that place, counted over the connection.
    ///   - act: What it does to the reply.
    public static func at(_ place: Place, _ turn: ServerTurn, _ act: Act) -> IMAPServerFault {
        IMAPServerFault(kind: .at(place, turn, act.value))
    }

    /// The connection ends when the client has sent this many octets, those under encryption counted decrypted.
    ///
    /// They are counted from the beginning of the connection; for a fault that is restricted to commands, from the
    /// beginning of the command on. What has come until then is obeyed and answered.
    public static func afterReceiving(_ octets: Int, _ ending: ServerEnding) -> IMAPServerFault {
        IMAPServerFault(kind: .received(max(0, octets), ending))
    }

    /// The connection ends when this many octets of replies were sent, those under encryption counted before they are
    /// encrypted.
    ///
    /// They are counted from the greeting on; for a fault that is restricted to commands, from the reply to the command
    /// on. The reply in which the number is reached is cut, and what it answers is done nevertheless.
    public static func afterSending(_ octets: Int, _ ending: ServerEnding) -> IMAPServerFault {
        IMAPServerFault(kind: .sent(max(0, octets), ending))
    }

    /// The connection ends when nothing came for a while: a server that has little patience.
    ///
    /// - Parameters:
    ///   - limit: How long it waits.
    ///   - reply: What it says then; `nil` for nothing.
    ///   - ending: How the connection ends.
    public static func whenIdle(
        for limit: Duration,
        saying reply: IMAPServerReply? = nil,
        _ ending: ServerEnding = .close
    ) -> IMAPServerFault {
        IMAPServerFault(kind: .idle(limit, reply, ending))
    }

    /// One of several faults, by chance: for tests under load.
    ///
    /// The dice are the same on every run: they depend on the seed, on the number of the connection and, if they are
    /// thrown per message, on the number of the command.
    ///
    /// - Parameters:
    ///   - seed: Another seed gives other faults.
    ///   - probability: From 0, for never, to 1, for always.
    ///   - unit: Whether the dice are thrown for every connection or, with `message`, for every command.
    ///   - faults: The alternatives, all equally probable. Their own restrictions hold too.
    public static func random(
        seed: UInt64,
        probability: Double,
        per unit: ServerUnit = .connection,
        of faults: [IMAPServerFault]
    ) -> IMAPServerFault {
        IMAPServerFault(kind: .oneOf(faults, ServerChance(seed: seed, probability: probability, unit: unit)))
    }

    /// The same fault, on some connections only. The server counts its connections from 1.
    public func onConnection(_ turn: ServerTurn) -> IMAPServerFault { adding(.connection(turn)) }

    /// The same fault, only for some commands. They are counted over the connection from 1, whatever they are.
    public func onCommand(_ turn: ServerTurn) -> IMAPServerFault { adding(.message(turn)) }

    /// The same fault, only on connections that are encrypted by then, or only on those that are not.
    public func whenEncrypted(_ isEncrypted: Bool = true) -> IMAPServerFault { adding(.encrypted(isEncrypted)) }

    /// The same fault, where what the command asks for is done, or not, whatever the reply says.
    ///
    /// Without it, that is done as if there were no fault, unless the fault's answer refuses it. What is not done is
    /// answered with `OK` and nothing else, if no act of a fault says otherwise.
    public func doing(_ isDone: Bool) -> IMAPServerFault {
        var fault = self
        fault.isDone = isDone
        return fault
    }

    private func adding(_ gate: ServerFaultGate) -> IMAPServerFault {
        var fault = self
        fault.gates.append(gate)
        return fault
    }
}
