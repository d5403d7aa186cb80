/// Notices that a server which was asked for many messages at once has lost an answer or given one twice, so that every
/// message from there on would be taken for the one before or behind it: POP3's answers do not say what they answer.
///
/// What gives it away is a size that is not the message's own, and that of its neighbour. Servers that do not tell sizes
/// truly are known by earlier messages, and left in peace.
struct POP3SizeGuard {
    /// What LIST has said of a message and its neighbours.
    struct Expected {
        var own: UInt64
        /// Of the message that was asked for before it.
        var before: UInt64?
        /// Of the message that was asked for behind it.
        var behind: UInt64?
    }

    private var expected: Expected?
    private var octets: UInt64 = 0
    /// Whether all sizes were true so far; `nil` before the first.
    private var areSizesTrue: Bool?

    /// A message begins. Without sizes nothing is checked.
    mutating func begin(_ expected: Expected?) {
        self.expected = expected
        octets = 0
    }

    /// Octets of it have come.
    mutating func count(_ more: Int) { octets &+= UInt64(max(0, more)) }

    /// The message is at its end.
    ///
    /// - Returns: whether it was another one.
    mutating func isMistaken() -> Bool {
        guard let expected else { return false }
        self.expected = nil
        if octets == expected.own {
            areSizesTrue = areSizesTrue ?? true
            return false
        }
        guard areSizesTrue == true, octets == expected.before || octets == expected.behind else {
            areSizesTrue = false
            return false
        }
        return true
    }
}
