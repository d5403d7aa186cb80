/// What SEARCH looks for (RFC 3501 section 6.4.4).
///
/// Texts are compared octet by octet, in any case of ASCII letters. Nothing is decoded: neither encoded words nor
/// transfer encodings.
indirect enum IMAPSearchKey {
    case all
    case set(IMAPSequenceSet, isUID: Bool)
    case flag(String, isSet: Bool)
    case day(IMAPDay, isSent: Bool, Comparison)
    case field(String, [UInt8])
    case text([UInt8], isBody: Bool)
    case size(UInt64, isLarger: Bool)
    case modificationSequence(UInt64)
    case not(IMAPSearchKey)
    case or(IMAPSearchKey, IMAPSearchKey)
    case and([IMAPSearchKey])

    enum Comparison { case before, on, since }

    /// How deep keys may lie in each other.
    private static let depth = 50

    /// All keys up to the end.
    static func readAll(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> IMAPSearchKey {
        var keys = [try read(&arguments, depth: 0)]
        while arguments.take(" ") { keys.append(try read(&arguments, depth: 0)) }
        try arguments.end()
        return .and(keys)
    }

    private static func read(_ arguments: inout IMAPArguments, depth: Int) throws(IMAPSyntaxError) -> IMAPSearchKey {
        guard depth < Self.depth else { throw IMAPSyntaxError("the search is nested too deeply") }
        if arguments.take("(") {
            var keys: [IMAPSearchKey] = []
            repeat { keys.append(try read(&arguments, depth: depth + 1)) } while arguments.take(" ")
            try arguments.expect(")")
            return .and(keys)
        }
        if let next = arguments.next, (48...57).contains(next) || next == 42 || next == 36 {
            return .set(try arguments.set(), isUID: false)
        }
        let name = try arguments.atom().uppercased()
        switch name {
        case "ALL": return .all
        case "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN": return .flag("\\" + name, isSet: true)
        case "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN":
            return .flag("\\" + name.dropFirst(2), isSet: false)
        // \Recent is nobody's here.
        case "RECENT", "NEW": return .not(.all)
        case "OLD": return .all
        default: break
        }
        try arguments.space()
        switch name {
        case "UID": return .set(try arguments.set(), isUID: true)
        case "KEYWORD": return .flag(try arguments.flag(), isSet: true)
        case "UNKEYWORD": return .flag(try arguments.flag(), isSet: false)
        case "BEFORE": return .day(try day(&arguments), isSent: false, .before)
        case "ON": return .day(try day(&arguments), isSent: false, .on)
        case "SINCE": return .day(try day(&arguments), isSent: false, .since)
        case "SENTBEFORE": return .day(try day(&arguments), isSent: true, .before)
        case "SENTON": return .day(try day(&arguments), isSent: true, .on)
        case "SENTSINCE": return .day(try day(&arguments), isSent: true, .since)
        case "FROM", "TO", "CC", "BCC", "SUBJECT": return .field(name, IMAPText.lowercased(try arguments.astring()))
        case "HEADER":
            let field = try arguments.text()
            try arguments.space()
            return .field(field, IMAPText.lowercased(try arguments.astring()))
        case "TEXT", "BODY": return .text(IMAPText.lowercased(try arguments.astring()), isBody: name == "BODY")
        case "LARGER", "SMALLER": return .size(try arguments.number(), isLarger: name == "LARGER")
        case "MODSEQ":
            if arguments.next == IMAPText.quote {
                // The name of an entry and its kind, which change nothing here.
                _ = try arguments.string()
                try arguments.space()
                _ = try arguments.atom()
                try arguments.space()
            }
            return .modificationSequence(try arguments.number())
        case "NOT": return .not(try read(&arguments, depth: depth + 1))
        case "OR":
            let left = try read(&arguments, depth: depth + 1)
            try arguments.space()
            return .or(left, try read(&arguments, depth: depth + 1))
        default: throw IMAPSyntaxError("a search key is not known")
        }
    }

    private static func day(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> IMAPDay {
        guard let day = IMAPDay(try arguments.text()) else { throw IMAPSyntaxError("a date is expected") }
        return day
    }

    var usesModificationSequence: Bool {
        switch self {
        case .modificationSequence: true
        case .not(let key): key.usesModificationSequence
        case .or(let left, let right): left.usesModificationSequence || right.usesModificationSequence
        case .and(let keys): keys.contains { $0.usesModificationSequence }
        default: false
        }
    }

    // MARK: Matching

    /// The positions, among those given, of the messages that match.
    ///
    /// - Parameters:
    ///   - messages: Those that are there, by their positions in the session's view.
    ///   - resolve: The positions that a set names.
    func matches(
        _ positions: [Int],
        _ messages: [Int: IMAPMailStore.Message],
        resolve: (IMAPSequenceSet, Bool) -> Set<Int>
    ) -> [Int] {
        switch self {
        case .all: return positions
        case .set(let set, let isUID):
            let named = resolve(set, isUID)
            return positions.filter(named.contains)
        case .and(let keys):
            return keys.reduce(positions) { $1.matches($0, messages, resolve: resolve) }
        case .or(let left, let right):
            let found = Set(left.matches(positions, messages, resolve: resolve))
                .union(right.matches(positions, messages, resolve: resolve))
            return positions.filter(found.contains)
        case .not(let key):
            let found = Set(key.matches(positions, messages, resolve: resolve))
            return positions.filter { !found.contains($0) }
        default: return positions.filter { messages[$0].map(matches) == true }
        }
    }

    private func matches(_ message: IMAPMailStore.Message) -> Bool {
        switch self {
        case .flag(let flag, let isSet): return message.has(flag) == isSet
        case .day(let day, let isSent, let comparison):
            let text =
                isSent
                ? message.content.values("date").first.map { String(decoding: $0, as: UTF8.self) }
                : message.internalDate
            guard let text, let other = IMAPDay(text) else { return false }
            return switch comparison {
            case .before: other < day
            case .on: other == day
            case .since: other >= day
            }
        case .field(let name, let text):
            return message.content.values(name).contains { value in
                text.isEmpty || Octets.position(of: text, in: IMAPText.lowercased(value)) != nil
            }
        case .text(let text, let isBody): return message.content.contains(text, isBody: isBody)
        case .size(let size, let isLarger):
            return isLarger ? message.size > size : message.size < size
        case .modificationSequence(let number): return message.modificationSequence >= number
        default: return false
        }
    }
}
