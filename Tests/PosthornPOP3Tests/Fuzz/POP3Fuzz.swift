@testable import Posthorn
@testable import PosthornNet
@testable import PosthornPOP3

/// Reads what a POP3 server says, of any kind.
///
/// An input is one octet with what is read (see ``Part``), one with the number of cuts (0 to 15), that many sizes of pieces,
/// and what the server says. The properties: nothing traps; the result does not depend on the cuts; what is kept is bounded;
/// an error is a `MailError` that is fit for a terminal and holds no secret; no octet behind an end is taken.
package enum POP3Fuzz {
    /// What is read.
    enum Part: Int, CaseIterable {
        case replies, sizes, names, body, capabilities
    }

    /// Runs one input.
    package static func run(_ octets: [UInt8]) throws(FuzzFailure) {
        var input = FuzzInput(octets)
        let part = Part(rawValue: input.number(below: Part.allCases.count)) ?? .replies
        let sizes = input.octets(input.number(below: 16)).map(Int.init)
        let rest = Array(input.rest)
        let whole = try read(part, rest, [])
        let pieces = try read(part, rest, sizes)
        let single = try read(part, rest, [1])
        try FuzzFailure.unless(whole == pieces, "\(part) in pieces of \(sizes): \(pieces), in one piece: \(whole)")
        try FuzzFailure.unless(whole == single, "\(part) octet by octet: \(single), in one piece: \(whole)")
    }

    /// What was read: lines for comparing, and the octets behind the end.
    struct Reading: Equatable {
        var found: [String] = []
        var content: [UInt8] = []
        var error: String?
        var unread: [UInt8] = []
    }

    private static func read(_ part: Part, _ octets: [UInt8], _ sizes: [Int]) throws(FuzzFailure) -> Reading {
        switch part {
        case .replies: try replies(octets, sizes)
        case .sizes, .names: try list(octets, sizes, ofNames: part == .names)
        case .body: try body(octets, sizes)
        case .capabilities: try capabilities(octets, sizes)
        }
    }

    // MARK: Replies

    private static func replies(_ octets: [UInt8], _ sizes: [Int]) throws(FuzzFailure) -> Reading {
        var reading = Reading()
        var parser = POP3ReplyParser()
        let secret = "a secret that servers repeat"
        parser.mask = SecretMask([Secret(secret)])
        var buffer: [UInt8] = []
        var cuts = FuzzCuts(sizes)
        var rest = octets[...]
        while !rest.isEmpty, reading.error == nil {
            buffer += cuts.piece(of: &rest)
            do {
                while true {
                    let (used, reply) = try buffer.withUnsafeBytes { try parser.parse($0) }
                    try FuzzFailure.unless(used <= buffer.count && (used > 0) == (reply != nil), "\(used) octets used")
                    buffer.removeFirst(used)
                    guard let reply else { break }
                    reading.found.append(try use(reply))
                }
            } catch let error as MailError {
                try check(error, without: secret)
                reading.error = error.message
            } catch {
                throw FuzzFailure("the parser threw no MailError: \(error)")
            }
            try FuzzFailure.unless(
                reading.error != nil || buffer.count <= POP3ReplyParser.lineLimit,
                "\(buffer.count) octets are kept of an unfinished line"
            )
        }
        // How much was received beyond an error depends on the cuts.
        if reading.error == nil { reading.unread = buffer }
        return reading
    }

    /// Everything that is done with a reply.
    private static func use(_ reply: POP3Reply) throws(FuzzFailure) -> String {
        let error = MailError.refusal(reply, by: "host:110", of: "the sign-in")
        try check(error, codes: [.refused, .unavailable, .authenticationFailed])
        let code = reply.responseCode?.description ?? ""
        try check(text: code + reply.value.description)
        return "\(reply.status) \(code) \(reply.text)"
    }

    // MARK: Lists

    private static func list(_ octets: [UInt8], _ sizes: [Int], ofNames: Bool) throws(FuzzFailure) -> Reading {
        var reading = Reading()
        var messages = POP3MessageList(server: "host:110")
        if ofNames { try number(&messages) }
        try lines(octets, sizes, .init(line: 200, octets: 3_000), into: &reading) { line in
            if ofNames { try messages.addUID(line) } else { try messages.addSize(line) }
        }
        guard reading.error == nil else { return reading }
        let entries = messages.entries()
        try FuzzFailure.unless(Set(entries.map(\.id)).count == entries.count, "two messages have one name")
        try FuzzFailure.unless(
            zip(entries, entries.dropFirst()).allSatisfy { $0.number > 0 && $0.number < $1.number },
            "the numbers do not ascend"
        )
        reading.found = entries.map { "\($0.number) \($0.size) \($0.id) \($0.isLasting)" }
        return reading
    }

    /// Messages for names to belong to.
    private static func number(_ messages: inout POP3MessageList) throws(FuzzFailure) {
        do {
            for number in 1...9 {
                try Array("\(number) 1".utf8).withUnsafeBytes { try messages.addSize($0) }
            }
        } catch {
            throw FuzzFailure("a list was refused: \(error)")
        }
    }

    private static func capabilities(_ octets: [UInt8], _ sizes: [Int]) throws(FuzzFailure) -> Reading {
        var reading = Reading()
        var found: [[UInt8]] = []
        try lines(octets, sizes, .words, into: &reading) { found.append(Array($0)) }
        guard reading.error == nil else { return reading }
        var capabilities = POP3Capabilities(lines: found)
        try check(text: capabilities.summary + (capabilities.implementation ?? "") + "\(capabilities.mechanisms)")
        reading.found = [
            capabilities.summary, "\(capabilities.expiry as Any) \(capabilities.loginDelay as Any)",
            "\(capabilities.offers("uidl"))",
        ]
        capabilities.ignore(["UIDL"])
        try FuzzFailure.unless(!capabilities.offers("UIDL"), "an ignored capability is offered")
        return reading
    }

    /// Gives each line of a list to `line`.
    private static func lines(
        _ octets: [UInt8],
        _ sizes: [Int],
        _ limits: POP3ListReader.Limits,
        into reading: inout Reading,
        _ line: (UnsafeRawBufferPointer) throws -> Void
    ) throws(FuzzFailure) {
        var reader = POP3ListReader(limits, subject: "LIST")
        var cuts = FuzzCuts(sizes)
        var rest = octets[...]
        while !rest.isEmpty, !reader.isAtEnd {
            let piece = Array(cuts.piece(of: &rest))
            do {
                var found: [[UInt8]] = []
                let used = try piece.withUnsafeBytes { try reader.read($0) { line in found.append(Array(line)) } }
                for text in found {
                    try FuzzFailure.unless(text.count <= limits.line, "a line of \(text.count) octets")
                    try text.withUnsafeBytes(line)
                }
                try FuzzFailure.unless(used == piece.count || reader.isAtEnd, "\(used) of \(piece.count) octets used")
                reading.unread = Array(piece[used...]) + rest
            } catch let error as FuzzFailure {
                throw error
            } catch {
                guard let error = error as? MailError else {
                    throw FuzzFailure("the reader threw no MailError: \(error)")
                }
                try check(error)
                // How far it got, and which limit it met first, depends on the cuts.
                reading = Reading(error: "refused")
                return
            }
        }
        if !reader.isAtEnd { reading.unread = [] }
    }

    // MARK: Bodies

    private static func body(_ octets: [UInt8], _ sizes: [Int]) throws(FuzzFailure) -> Reading {
        var reading = Reading()
        var decoder = POP3BodyDecoder()
        var cuts = FuzzCuts(sizes)
        var rest = octets[...]
        while !rest.isEmpty, !decoder.isAtEnd {
            let piece = Array(cuts.piece(of: &rest))
            let used = piece.withUnsafeBytes { decoder.decode($0, into: &reading.content) }
            try FuzzFailure.unless(used == piece.count || decoder.isAtEnd, "\(used) of \(piece.count) octets used")
            if decoder.isAtEnd { reading.unread = Array(piece[used...]) + rest }
        }
        let expected = reference(octets)
        if decoder.isAtEnd {
            try FuzzFailure.unless(
                expected.isAtEnd && expected.content == reading.content && expected.unread == reading.unread,
                "decoded \(reading.content), unread \(reading.unread); expected \(expected)"
            )
        } else {
            // What the next octet decides is held back.
            let held = expected.content.count - reading.content.count
            try FuzzFailure.unless(
                !expected.isAtEnd && (0...2).contains(held) && expected.content.starts(with: reading.content),
                "decoded \(reading.content); expected \(expected)"
            )
        }
        reading.found = [decoder.isAtEnd ? "end" : "unfinished"]
        return reading
    }

    /// RFC 1939 section 3 in the simplest way: line by line, where nothing but CR LF ends a line.
    private static func reference(_ octets: [UInt8]) -> (content: [UInt8], isAtEnd: Bool, unread: [UInt8]) {
        var content: [UInt8] = []
        var start = 0
        while start < octets.count {
            var end = start
            while end < octets.count, !(end > start && octets[end - 1] == 13 && octets[end] == 10) { end += 1 }
            let isWhole = end < octets.count
            let line = Array(octets[start..<min(octets.count, end + 1)])
            if line == [46, 13, 10] { return (content, true, Array(octets[(end + 1)...])) }
            content += line.first == 46 ? line.dropFirst() : line[...]
            start = isWhole ? end + 1 : octets.count
        }
        return (content, false, [])
    }

    // MARK: Errors

    private static func check(
        _ error: MailError,
        codes: [MailError.Code] = [.protocolViolation],
        without secret: String? = nil
    ) throws(FuzzFailure) {
        try FuzzFailure.unless(codes.contains(error.code), "the error is \(error.debugDescription)")
        try FuzzFailure.unless(error.certainty == .notTaken, "the error is \(error.debugDescription)")
        try check(text: error.detailedDescription())
        guard let secret else { return }
        try FuzzFailure.unless(!error.message.contains(secret), "the error shows a secret: \(error.message)")
    }

    /// No octet of a text for people drives a terminal.
    private static func check(text: String) throws(FuzzFailure) {
        let isFit = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
        try FuzzFailure.unless(isFit, "a text holds control characters: \(text.debugDescription)")
    }
}
