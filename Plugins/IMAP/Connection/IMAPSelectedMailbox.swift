import Posthorn

/// What is known of the folder that is chosen, as the server tells it unasked (RFC 9051 sections 5.2 and 7.4).
struct IMAPSelectedMailbox {
    /// The name for people.
    let name: String
    let isReadOnly: Bool
    /// How many messages there are.
    private(set) var count: UInt32 = 0
    private(set) var uidValidity: UInt32 = 0
    private(set) var uidNext: UInt32?
    /// The highest modification sequence (RFC 7162), if the server keeps them.
    private(set) var highestModSequence: UInt64?
    /// Which flags can be kept; `nil` for all.
    private(set) var permanentFlags: [MessageFlag]?
    /// The UIDs by message number, as far as they are known: of all messages, or of those up to a number.
    private(set) var uids: [UInt32] = []
    /// Whether ``uids`` holds the messages from the first on without a gap.
    private var isListed = false
    /// UIDs that the server has said are gone.
    private(set) var vanished: Set<UInt32> = []

    init(name: String, isReadOnly: Bool) {
        self.name = name
        self.isReadOnly = isReadOnly
    }

    /// Whether messages have come that were not listed.
    var hasArrivals: Bool { Int(count) > uids.count }

    /// The UID of a message number, if it is known.
    func uid(of number: UInt32) -> UInt32? {
        guard isListed, number > 0, Int(number) <= uids.count else { return nil }
        return uids[Int(number) - 1]
    }

    /// All messages were listed, in the order of their numbers.
    mutating func list(_ listed: [UInt32]) {
        uids = listed
        isListed = true
    }

    mutating func note(_ status: IMAPStatus) {
        switch status.code {
        case .uidValidity(let value)?: uidValidity = value
        case .uidNext(let value)?: uidNext = value
        case .highestModSequence(let value)?: highestModSequence = value
        case .permanentFlags(let flags)?: permanentFlags = flags
        default: break
        }
    }

    mutating func note(_ response: IMAPResponse) {
        switch response {
        case .exists(let number): count = number
        case .expunged(let number):
            if count > 0 { count -= 1 }
            guard number > 0, Int(number) <= uids.count else { return }
            vanished.insert(uids.remove(at: Int(number) - 1))
        case .vanished(let ranges, let isEarlier):
            // In order and joined: a server may send a million of them.
            let set = IMAPSequenceSet(ranges: ranges)
            uids.removeAll { uid in
                guard set.contains(uid) else { return false }
                vanished.insert(uid)
                return true
            }
            if !isEarlier { count -= min(count, UInt32(clamping: set.count)) }
        default: break
        }
    }
}
