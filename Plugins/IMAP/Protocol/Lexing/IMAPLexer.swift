/// Reads the words of one complete response, in place. Every method checks its bounds; none goes back further than a word.
struct IMAPLexer {
    /// The response: its lines and its literals, without the last line end.
    let octets: UnsafeRawBufferPointer
    /// Where reading goes on.
    private(set) var position: Int
    let limits: IMAPLimits
    /// How many parentheses are open.
    private(set) var depth: Int

    init(_ octets: UnsafeRawBufferPointer, at position: Int = 0, depth: Int = 0, limits: IMAPLimits) {
        self.octets = octets
        self.position = position
        self.depth = depth
        self.limits = limits
    }

    /// Whether everything was read.
    var isAtEnd: Bool { position >= octets.count }

    /// The octet at the position; 0 at the end, which stands nowhere else outside of literals.
    @inline(__always) var next: UInt8 { position < octets.count ? octets[position] : 0 }

    /// The octet that many places further; 0 at the end.
    func peek(_ distance: Int) -> UInt8 {
        let place = position &+ distance
        return place >= 0 && place < octets.count ? octets[place] : 0
    }

    mutating func move(to place: Int) { position = max(0, min(place, octets.count)) }

    func problem(_ reason: String) -> IMAPSyntaxProblem { IMAPSyntaxProblem(reason: reason, position: position) }

    func limit(_ reason: String) -> IMAPSyntaxProblem {
        IMAPSyntaxProblem(reason: reason, position: position, isLimit: true)
    }

    // MARK: Single octets

    /// Takes an octet if it is the next one.
    @inline(__always) mutating func take(_ octet: UInt8) -> Bool {
        guard position < octets.count, octets[position] == octet else { return false }
        position &+= 1
        return true
    }

    /// Takes spaces, also none and several: servers are careless with them.
    @inline(__always) mutating func spaces() {
        while position < octets.count, octets[position] == IMAPOctet.space || octets[position] == IMAPOctet.tab {
            position &+= 1
        }
    }

    /// Takes an opening parenthesis and counts the depth.
    mutating func open() throws(IMAPSyntaxProblem) {
        guard try takeOpen() else { throw problem("no '(' where a list has to begin") }
    }

    /// Takes an opening parenthesis if it is next.
    mutating func takeOpen() throws(IMAPSyntaxProblem) -> Bool {
        guard take(IMAPOctet.open) else { return false }
        depth &+= 1
        if depth > limits.usedDepth { throw limit("more than \(limits.usedDepth) parentheses inside one another") }
        return true
    }

    /// Takes spaces and a closing parenthesis if it is next.
    mutating func takeClose() -> Bool {
        spaces()
        guard take(IMAPOctet.close) else { return false }
        depth &-= 1
        return true
    }

    /// Takes spaces and a closing parenthesis.
    mutating func close() throws(IMAPSyntaxProblem) {
        guard takeClose() else { throw problem("no ')' where a list has to end") }
    }

    /// Reads a list: `element` is called at every element until the list closes.
    mutating func list(
        _ element: (inout IMAPLexer) throws(IMAPSyntaxProblem) -> Void
    ) throws(IMAPSyntaxProblem) {
        try open()
        var count = 0
        while !takeClose() {
            if isAtEnd { throw problem("a list without its end") }
            count &+= 1
            if count > limits.elements { throw limit("a list of more than \(limits.elements) elements") }
            let before = position
            try element(&self)
            if position == before { throw problem("an element that cannot be read") }
        }
    }

    // MARK: Words

    /// The range of the word at the position, which is not taken; may be empty.
    @inline(__always) func wordEnd() -> Int {
        var end = position
        while end < octets.count, !IMAPOctet.endsWord(octets[end]) { end &+= 1 }
        return end
    }

    /// Takes a word: an atom, a number, a flag.
    mutating func word() throws(IMAPSyntaxProblem) -> UnsafeRawBufferPointer {
        let end = wordEnd()
        guard end > position else { throw problem("no word where one has to be") }
        defer { position = end }
        return UnsafeRawBufferPointer(rebasing: octets[position..<end])
    }

    /// Whether the word at the position is this one, in whatever case. `word` is in capital letters.
    @inline(__always) func isNext(_ word: StaticString) -> Bool {
        guard begins(word) else { return false }
        let end = position &+ word.utf8CodeUnitCount
        return end >= octets.count || IMAPOctet.endsWord(octets[end])
    }

    /// Whether these letters are next, whatever follows.
    @inline(__always) func begins(_ letters: StaticString) -> Bool {
        let count = letters.utf8CodeUnitCount
        guard octets.count &- position >= count else { return false }
        let start = letters.utf8Start
        for index in 0..<count where IMAPOctet.upper(octets[position &+ index]) != start[index] { return false }
        return true
    }

    /// Takes a word if it is this one.
    @inline(__always) mutating func take(word: StaticString) -> Bool {
        guard isNext(word) else { return false }
        position &+= word.utf8CodeUnitCount
        return true
    }

    /// Takes letters if they are next, whatever follows.
    @inline(__always) mutating func take(letters: StaticString) -> Bool {
        guard begins(letters) else { return false }
        position &+= letters.utf8CodeUnitCount
        return true
    }

    /// Takes NIL if it is next.
    @inline(__always) mutating func takeNil() -> Bool {
        IMAPOctet.upper(next) == UInt8(ascii: "N") && take(word: "NIL")
    }

    // MARK: Numbers

    /// Takes digits: at most 63 bits.
    mutating func number64() throws(IMAPSyntaxProblem) -> UInt64 {
        var value: UInt64 = 0
        let start = position
        while position < octets.count, IMAPOctet.isDigit(octets[position]) {
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = product.addingReportingOverflow(UInt64(octets[position] &- IMAPOctet.zero))
            guard !over, !more, sum <= UInt64(Int64.max) else { throw limit("a number of more than 63 bits") }
            value = sum
            position &+= 1
        }
        guard position > start else { throw problem("no number where one has to be") }
        return value
    }

    /// Takes digits: at most 32 bits.
    mutating func number() throws(IMAPSyntaxProblem) -> UInt32 {
        let start = position
        let value = try number64()
        guard let number = UInt32(exactly: value) else {
            position = start
            throw limit("a number of more than 32 bits")
        }
        return number
    }

    /// Takes a number of 32 bits that may stand in quotes: some servers do so.
    mutating func looseNumber() throws(IMAPSyntaxProblem) -> UInt32 {
        let isQuoted = take(IMAPOctet.quote)
        let value = try number()
        if isQuoted, !take(IMAPOctet.quote) { throw problem("a number in quotes without their end") }
        return value
    }

    /// Takes a number of 63 bits that may stand in quotes, or NIL, or -1, or nothing: then it is `nil`.
    mutating func looseNumber64() throws(IMAPSyntaxProblem) -> UInt64? {
        if takeNil() { return nil }
        let isQuoted = take(IMAPOctet.quote)
        if isQuoted, take(IMAPOctet.quote) { return nil }
        let isNegative = take(UInt8(ascii: "-"))
        let value = try number64()
        if isQuoted, !take(IMAPOctet.quote) { throw problem("a number in quotes without their end") }
        return isNegative ? nil : value
    }
}
