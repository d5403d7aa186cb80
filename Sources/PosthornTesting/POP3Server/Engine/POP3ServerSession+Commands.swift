extension POP3ServerSession {
    /// Where a command is answered, and in which states it is allowed.
    private struct Rule {
        let place: POP3ServerFault.Place
        var isForAuthorization = false
        var isForTransaction = false
        /// Without it, the command is unknown.
        var needs: POP3ServerExtension?
        /// Whether its first argument is the number of a message.
        var namesMessage = false
    }

    private static let rules: [String: Rule] = [
        "CAPA": Rule(place: .capa, isForAuthorization: true, isForTransaction: true, needs: .capa),
        "STLS": Rule(place: .stls, isForAuthorization: true),
        "USER": Rule(place: .user, isForAuthorization: true, needs: .user),
        "PASS": Rule(place: .pass, isForAuthorization: true, needs: .user),
        "APOP": Rule(place: .apop, isForAuthorization: true, needs: .apop),
        "AUTH": Rule(place: .auth, isForAuthorization: true, needs: .sasl),
        "UTF8": Rule(place: .utf8, isForAuthorization: true, needs: .utf8),
        "LANG": Rule(place: .lang, isForAuthorization: true, isForTransaction: true, needs: .lang),
        "STAT": Rule(place: .stat, isForTransaction: true),
        "LIST": Rule(place: .list, isForTransaction: true, namesMessage: true),
        "UIDL": Rule(place: .uidl, isForTransaction: true, needs: .uidl, namesMessage: true),
        "TOP": Rule(place: .top, isForTransaction: true, needs: .top, namesMessage: true),
        "RETR": Rule(place: .retr, isForTransaction: true, namesMessage: true),
        "DELE": Rule(place: .dele, isForTransaction: true, namesMessage: true),
        "RSET": Rule(place: .rset, isForTransaction: true),
        "NOOP": Rule(place: .noop, isForTransaction: true),
        "QUIT": Rule(place: .quit, isForAuthorization: true, isForTransaction: true),
    ]

    /// Carries out one command line.
    mutating func perform(_ line: String, start: Int, isLastOfBatch: Bool) {
        let halves = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let verb = (halves.first ?? "").uppercased()
        let argument = halves.count > 1 ? String(halves[1]) : ""
        steps.append(.command(Self.hidingSecrets(verb, argument, line)))
        if !isLastOfBatch { checkBatch(verb) }
        guard let rule = Self.rules[verb], rule.needs.map(configuration.extensions.contains) ?? true else {
            faults.beginMessage(0, at: start)
            if Self.rules[verb] == nil { violation("an unknown command") }
            return refuse("unknown command")
        }
        let number = rule.namesMessage ? argument.split(separator: " ").first.flatMap { Self.number($0) } : nil
        faults.beginMessage(number ?? 0, at: start)
        let answer = arrive(at: rule.place)
        let isTransaction = maildrop != nil
        guard isTransaction ? rule.isForTransaction : rule.isForAuthorization else {
            violation("\(verb) \(isTransaction ? "after" : "before") the sign-in")
            return refuse("not \(isTransaction ? "after" : "before") the sign-in")
        }
        switch verb {
        // Whether these are done is a matter of more than the answer.
        case "DELE": return delete(argument, answer)
        case "QUIT": return quit(answer)
        default: break
        }
        if let answer, !answer.isPositive { return reply(ServerOutput(answer.octets)) }
        switch verb {
        case "CAPA": list("Capability list follows", capabilities.map { $0 + "\r\n" })
        case "STLS": startTLS()
        case "USER", "PASS", "APOP", "AUTH": signIn(verb, argument)
        case "UTF8": useUTF8(argument)
        case "LANG": language(argument)
        case "STAT": status()
        case "LIST": listSizes(argument)
        case "UIDL": listNames(argument)
        case "TOP", "RETR": show(verb, argument)
        case "RSET":
            maildrop?.marked = []
            if let user = maildrop?.user { maildrops.unmarkAll(of: user) }
            accept("nothing is marked any more")
        default: accept("fine")
        }
    }

    private static func hidingSecrets(_ verb: String, _ argument: String, _ line: String) -> String {
        switch verb {
        case "PASS": return "PASS <hidden>"
        case "APOP", "AUTH":
            let words = argument.split(separator: " ", maxSplits: 1)
            return verb + (words.first.map { " " + $0 } ?? "") + (words.count > 1 ? " <hidden>" : "")
        default: return line
        }
    }

    /// Looks at a command that more octets came with.
    private mutating func checkBatch(_ verb: String) {
        switch verb {
        // Noted when the octets are dropped.
        case "STLS": break
        case "QUIT": violation("octets follow QUIT")
        case "AUTH": violation("the client did not wait for the reply to AUTH")
        default:
            guard !configuration.extensions.contains(.pipelining) else { return }
            violation("the client did not wait for the reply to \(verb)")
        }
    }

    // MARK: Capabilities

    /// The lines of the reply to CAPA.
    var capabilities: [String] {
        var lines: [String] = []
        for word in POP3ServerExtension.all
        where configuration.extensions.contains(word) && !configuration.hiddenExtensions.contains(word) {
            switch word {
            case .capa, .apop: break
            case .user: if maySignIn { lines.append("USER") }
            case .sasl:
                let mechanisms = offeredMechanisms
                if !mechanisms.isEmpty { lines.append("SASL " + mechanisms.joined(separator: " ")) }
            case .expire: if let expire = configuration.expire { lines.append("EXPIRE \(expire)") }
            case .loginDelay: if let delay = configuration.loginDelay { lines.append("LOGIN-DELAY \(delay)") }
            case .implementation: lines.append("IMPLEMENTATION \(configuration.implementation)")
            default: lines.append(word.description)
            }
        }
        if configuration.security == .startTLS, encryption == nil, maildrop == nil { lines.append("STLS") }
        return lines + configuration.falseCapabilities
    }

    private mutating func startTLS() {
        guard configuration.security == .startTLS, encryption == nil else { return refuse("STLS is not possible here") }
        if usesUTF8 { violation("STLS after UTF8 (RFC 6856 section 2)") }
        accept("begin the handshake")
        beginHandshake()
    }

    private mutating func useUTF8(_ argument: String) {
        guard argument.isEmpty else { return refuse("UTF8 has no argument") }
        usesUTF8 = true
        accept("UTF8 it is")
    }

    private mutating func language(_ tag: String) {
        if tag.isEmpty {
            let lines = configuration.languages.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\r\n" }
            return list("Language list follows", lines)
        }
        if tag == "*" { return accept("i-default the default language") }
        guard let (known, name) = configuration.languages.first(where: { $0.key.lowercased() == tag.lowercased() })
        else { return refuse("the language is not known") }
        accept("\(known) the language is \(name)")
    }

    // MARK: Output and numbers

    /// A reply of several lines, each with its CRLF.
    mutating func list(_ text: String, _ lines: [String]) {
        var octets: [UInt8] = []
        for line in lines { octets += Array(line.utf8) }
        reply(ServerOutput(line: Array("+OK \(text)\r\n".utf8), content: .octets(octets), end: Array(".\r\n".utf8)))
    }

    /// A number of an argument: digits, at most nine.
    static func number(_ word: some StringProtocol) -> Int? {
        let digits = Array(word.utf8)
        guard (1...9).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }
}
