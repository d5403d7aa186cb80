/// SEARCH, SORT, ESEARCH, THREAD and VANISHED.
extension IMAPLexer {
    mutating func foundNumbers() throws(IMAPSyntaxProblem) -> IMAPFoundNumbers {
        var found = IMAPFoundNumbers()
        spaces()
        while !isAtEnd {
            if next == IMAPOctet.open {
                try open()
                spaces()
                if take(word: "MODSEQ") {
                    spaces()
                    found.modSequence = try number64()
                }
                while !takeClose() {
                    if isAtEnd { throw problem("a SEARCH without its end") }
                    try skipValue()
                }
            } else {
                if found.numbers.count >= limits.elements { throw limit("more than \(limits.elements) numbers") }
                found.numbers.append(try number())
            }
            spaces()
        }
        return found
    }

    mutating func extendedSearch() throws(IMAPSyntaxProblem) -> IMAPExtendedSearch {
        var result = IMAPExtendedSearch()
        spaces()
        if try takeOpen() { try correlator(&result) }
        spaces()
        result.isUID = take(word: "UID")
        spaces()
        while !isAtEnd {
            try searchItem(&result)
            spaces()
        }
        return result
    }

    private mutating func correlator(_ result: inout IMAPExtendedSearch) throws(IMAPSyntaxProblem) {
        while !takeClose() {
            if isAtEnd { throw problem("an ESEARCH without its end") }
            if take(word: "TAG") {
                spaces()
                result.tag = try text()
            } else if take(word: "MAILBOX") {
                result.mailbox = try mailbox()
            } else if take(word: "UIDVALIDITY") {
                spaces()
                result.uidValidity = try looseNumber()
            } else {
                try skipValue()
            }
        }
    }

    private mutating func searchItem(_ result: inout IMAPExtendedSearch) throws(IMAPSyntaxProblem) {
        let name = String(decoding: try word().map(IMAPOctet.upper), as: UTF8.self)
        spaces()
        switch name {
        case "MIN": result.min = try number()
        case "MAX": result.max = try number()
        case "COUNT": result.count = try number()
        case "ALL": result.all = try numberSet()
        case "MODSEQ": result.modSequence = try number64()
        case "PARTIAL":
            try open()
            spaces()
            let first = try signedNumber()
            guard take(UInt8(ascii: ":")) else { throw problem("no ':' in the range of PARTIAL") }
            let last = try signedNumber()
            spaces()
            let numbers = takeNil() ? [] : try numberSet()
            try close()
            result.partial = IMAPExtendedSearch.Partial(first: first, last: last, numbers: numbers)
        case "RELEVANCY":
            try list { lexer throws(IMAPSyntaxProblem) in result.relevancy.append(try lexer.number()) }
        default:
            if !isAtEnd { try skipValue() }
        }
    }

    private mutating func signedNumber() throws(IMAPSyntaxProblem) -> Int64 {
        let isNegative = take(UInt8(ascii: "-"))
        let value = Int64(try number())
        return isNegative ? -value : value
    }

    /// Takes threads to the end: `(2)(3 6 (4 23)(44 7 96))`. Needs no stack of calls.
    mutating func threads() throws(IMAPSyntaxProblem) -> IMAPThreads {
        var threads = IMAPThreads()
        // Of each open parenthesis: the message that the next number answers.
        var parents: [Int?] = []
        spaces()
        while !isAtEnd {
            if next == IMAPOctet.open {
                try open()
                let parent = parents.last ?? nil
                // `((3)(5))`: two answers to a message that the folder does not have.
                if parents.isEmpty {
                    spaces()
                    if next == IMAPOctet.open {
                        threads.members.append(IMAPThreads.Member(number: nil, parent: nil))
                        parents.append(threads.members.count &- 1)
                    } else {
                        parents.append(nil)
                    }
                } else {
                    parents.append(parent)
                }
            } else if next == IMAPOctet.close {
                guard !parents.isEmpty, takeClose() else { throw problem("a ')' without its '('") }
                parents.removeLast()
            } else {
                guard !parents.isEmpty else { throw problem("a number outside of a thread") }
                let number = try number()
                threads.members.append(IMAPThreads.Member(number: number, parent: parents[parents.count &- 1]))
                parents[parents.count &- 1] = threads.members.count &- 1
            }
            if threads.members.count > limits.elements {
                throw limit("more than \(limits.elements) messages in threads")
            }
            spaces()
        }
        guard parents.isEmpty else { throw problem("a thread without its end") }
        return threads
    }

    mutating func vanished() throws(IMAPSyntaxProblem) -> IMAPResponse {
        spaces()
        var isEarlier = false
        if try takeOpen() {
            spaces()
            isEarlier = take(word: "EARLIER")
            try close()
            spaces()
        }
        return .vanished(try numberSet(), earlier: isEarlier)
    }
}
