/// What the dice of a test server's random faults are thrown for.
public struct ServerUnit: Hashable, Sendable {
    enum Value: Hashable, Sendable { case connection, message }
    let value: Value

    /// Once for every connection.
    public static let connection = ServerUnit(value: .connection)
    /// Once for every message: in SMTP for every MAIL command, in POP3 for every number of a message, in IMAP for every
    /// command.
    public static let message = ServerUnit(value: .message)
}

/// Dice that fall alike on every run.
struct ServerChance: Hashable, Sendable {
    let seed: UInt64
    let probability: Double
    let unit: ServerUnit

    /// Which of `count` alternatives happens; `nil` if none does.
    func pick(of count: Int, connection: Int, message: Int) -> Int? {
        guard count > 0, unit == .connection || message > 0 else { return nil }
        var dice = Dice(state: seed)
        dice.mix(UInt64(truncatingIfNeeded: connection))
        if unit == .message { dice.mix(UInt64(truncatingIfNeeded: message)) }
        guard Double(dice.next() >> 11) * 0x1p-53 < probability else { return nil }
        return Int(dice.next() % UInt64(count))
    }
}

/// SplitMix64, by Steele, Lea and Flood.
private struct Dice {
    var state: UInt64

    mutating func mix(_ number: UInt64) {
        state = next() ^ number
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
