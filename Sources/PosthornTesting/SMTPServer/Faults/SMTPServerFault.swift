/// Something that an ``SMTPTestServer`` does wrong, so that a program can be tested for what it makes of it.
///
/// ```swift
/// configuration.faults = [
///     .at(.rcpt, .nth(2), .answer("452 4.2.2 Mailbox full")),
///     .at(.endOfMessage, .end(.reset)).onMessage(.first),
///     .afterReceiving(10_000, .cut).onConnection(.nth(2)),
///     .random(seed: 4711, probability: 0.1, per: .message, of: [.at(.endOfMessage, .lose)]),
/// ]
/// ```
/// A fault strikes at a place of the conversation, at a number of octets or after a silence; the `on…` functions
/// restrict it. All faults that strike at one reply shape it, in their order.
///
/// The server's books stay true whatever it says: ``SMTPTestServer/messages`` are those that it has taken, and
/// ``SMTPServerConnection/faults`` are those that struck.
public struct SMTPServerFault: Hashable, Sendable, ServerFault {
    typealias Reply = SMTPServerReply

    let kind: ServerFaultKind<SMTPServerFault>
    var gates: [ServerFaultGate] = []
    var isDone: Bool?

    /// A fault at every reply at a place of the conversation.
    public static func at(_ place: Place, _ act: Act) -> SMTPServerFault { at(place, .every, act) }

    /// A fault at a place of the conversation.
    ///
    /// - Parameters:
    ///   - place: Where it strikes.
    ///   - turn: At which of the replies at that place, counted as ``Place`` says.
    ///   - act: What it does to the reply.
    public static func at(_ place: Place, _ turn: ServerTurn, _ act: Act) -> SMTPServerFault {
        SMTPServerFault(kind: .at(place, turn, act.value))
    }

    /// The connection ends when the client has sent this many octets, those under encryption counted decrypted.
    ///
    /// They are counted from the beginning of the connection; for a fault that is restricted to messages, from the
    /// beginning of the MAIL command, which is obeyed in any case. What has come until then is obeyed and answered.
    public static func afterReceiving(_ octets: Int, _ ending: ServerEnding) -> SMTPServerFault {
        SMTPServerFault(kind: .received(max(0, octets), ending))
    }

    /// The connection ends when this many octets of replies were sent, those under encryption counted before they are
    /// encrypted.
    ///
    /// They are counted from the greeting on; for a fault that is restricted to messages, from the reply to MAIL on.
    /// The reply in which the number is reached is cut, and what it answers is done nevertheless.
    public static func afterSending(_ octets: Int, _ ending: ServerEnding) -> SMTPServerFault {
        SMTPServerFault(kind: .sent(max(0, octets), ending))
    }

    /// The connection ends when nothing came for a while: a server that has little patience.
    ///
    /// - Parameters:
    ///   - limit: How long it waits.
    ///   - reply: What it says then, such as `421 4.4.2 idle for too long`; `nil` for nothing.
    ///   - ending: How the connection ends.
    public static func whenIdle(
        for limit: Duration,
        saying reply: SMTPServerReply? = nil,
        _ ending: ServerEnding = .close
    ) -> SMTPServerFault {
        SMTPServerFault(kind: .idle(limit, reply, ending))
    }

    /// One of several faults, by chance: for tests under load.
    ///
    /// The dice are the same on every run: they depend on the seed, on the number of the connection and, if they are
    /// thrown per message, on the number of the message on its connection.
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
        of faults: [SMTPServerFault]
    ) -> SMTPServerFault {
        SMTPServerFault(kind: .oneOf(faults, ServerChance(seed: seed, probability: probability, unit: unit)))
    }

    /// The same fault, on some connections only. The server counts its connections from 1.
    public func onConnection(_ turn: ServerTurn) -> SMTPServerFault { adding(.connection(turn)) }

    /// The same fault, for some messages only.
    ///
    /// The MAIL commands of a connection are counted from 1, those too that are refused. A message lasts until the next
    /// MAIL: QUIT belongs to the last one.
    public func onMessage(_ turn: ServerTurn) -> SMTPServerFault { adding(.message(turn)) }

    /// The same fault, only on connections that are encrypted by then, or only on those that are not.
    public func whenEncrypted(_ isEncrypted: Bool = true) -> SMTPServerFault { adding(.encrypted(isEncrypted)) }

    /// The same fault at ``Place/endOfMessage``, where the message is taken, or not, whatever the reply says.
    ///
    /// Without it, the message is taken as if there were no fault, unless the fault's answer refuses it.
    public func taking(_ isTaken: Bool) -> SMTPServerFault {
        var fault = self
        fault.isDone = isTaken
        return fault
    }

    private func adding(_ gate: ServerFaultGate) -> SMTPServerFault {
        var fault = self
        fault.gates.append(gate)
        return fault
    }
}
