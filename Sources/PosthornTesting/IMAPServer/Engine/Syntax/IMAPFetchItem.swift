/// Which octets of a message FETCH asks for (RFC 3501 section 6.4.5).
struct IMAPFetchSection {
    enum Kind {
        case all, header, text, mime
        case fields([String], isNot: Bool)
    }
    var path: [Int] = []
    var kind = Kind.all
    /// How the response names it, with its brackets and the first octet of a partial fetch.
    var label: String
    var isPeek: Bool
    var partial: (start: UInt64, count: UInt64)?
}

/// What FETCH asks for.
enum IMAPFetchItem {
    case flags, uid, internalDate, size, envelope, modificationSequence
    case structure(isExtended: Bool)
    case section(IMAPFetchSection)

    /// One item, a macro or a list of items.
    static func read(_ arguments: inout IMAPArguments) throws(IMAPSyntaxError) -> [IMAPFetchItem] {
        guard arguments.take("(") else { return try one(&arguments, isAlone: true) }
        var items: [IMAPFetchItem] = []
        repeat { items += try one(&arguments, isAlone: false) } while arguments.take(" ")
        try arguments.expect(")")
        return items
    }

    private static func one(
        _ arguments: inout IMAPArguments,
        isAlone: Bool
    ) throws(IMAPSyntaxError) -> [IMAPFetchItem] {
        let name = arguments.word { IMAPArguments.isAtomOctet($0) && $0 != UInt8(ascii: "[") }.uppercased()
        switch name {
        case "FLAGS": return [.flags]
        case "UID": return [.uid]
        case "INTERNALDATE": return [.internalDate]
        case "RFC822.SIZE": return [.size]
        case "ENVELOPE": return [.envelope]
        case "MODSEQ": return [.modificationSequence]
        case "BODYSTRUCTURE": return [.structure(isExtended: true)]
        case "ALL" where isAlone: return [.flags, .internalDate, .size, .envelope]
        case "FAST" where isAlone: return [.flags, .internalDate, .size]
        case "FULL" where isAlone: return [.flags, .internalDate, .size, .envelope, .structure(isExtended: false)]
        case "RFC822": return [.section(IMAPFetchSection(label: name, isPeek: false))]
        case "RFC822.HEADER": return [.section(IMAPFetchSection(kind: .header, label: name, isPeek: true))]
        case "RFC822.TEXT": return [.section(IMAPFetchSection(kind: .text, label: name, isPeek: false))]
        case "BODY", "BODY.PEEK":
            guard arguments.take("[") else {
                guard name == "BODY" else { throw IMAPSyntaxError("BODY.PEEK needs a section") }
                return [.structure(isExtended: false)]
            }
            return [.section(try section(&arguments, isPeek: name == "BODY.PEEK"))]
        default: throw IMAPSyntaxError("an item to fetch is not known")
        }
    }

    private static func section(
        _ arguments: inout IMAPArguments,
        isPeek: Bool
    ) throws(IMAPSyntaxError) -> IMAPFetchSection {
        var section = IMAPFetchSection(label: "", isPeek: isPeek)
        let word = arguments.word { IMAPArguments.isAtomOctet($0) }.uppercased()
        var words = word.split(separator: ".", omittingEmptySubsequences: false)[...]
        while let first = words.first, let number = Int(first), number > 0 {
            section.path.append(number)
            words = words.dropFirst()
        }
        var fields = ""
        switch words.joined(separator: ".") {
        case "" where words.isEmpty || word.isEmpty: section.kind = .all
        case "HEADER": section.kind = .header
        case "TEXT": section.kind = .text
        case "MIME" where !section.path.isEmpty: section.kind = .mime
        case "HEADER.FIELDS", "HEADER.FIELDS.NOT":
            try arguments.space()
            try arguments.expect("(")
            var names: [String] = []
            repeat { names.append(try arguments.text()) } while arguments.take(" ")
            try arguments.expect(")")
            // They come back in the response as they are.
            guard names.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(IMAPArguments.isAtomOctet) }) else {
                throw IMAPSyntaxError("the name of a field is expected")
            }
            section.kind = .fields(names, isNot: word.hasSuffix("NOT"))
            fields = " (\(names.joined(separator: " ")))"
        default: throw IMAPSyntaxError("a section is not known")
        }
        try arguments.expect("]")
        section.label = "BODY[\(word)\(fields)]"
        if arguments.take("<") {
            let start = try arguments.number()
            try arguments.expect(".")
            let count = try arguments.number()
            guard count > 0 else { throw IMAPSyntaxError("a partial fetch has at least one octet") }
            try arguments.expect(">")
            section.partial = (start, count)
            section.label += "<\(start)>"
        }
        return section
    }
}
