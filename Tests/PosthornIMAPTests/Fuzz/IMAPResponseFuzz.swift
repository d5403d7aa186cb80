@testable import Posthorn
@testable import PosthornIMAP
@testable import PosthornNet

/// A property that does not hold for an input.
package struct IMAPFuzzFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    static func unless(_ holds: Bool, _ property: @autoclosure () -> String) throws(IMAPFuzzFailure) {
        if !holds { throw IMAPFuzzFailure(property()) }
    }
}

/// Reads responses from octets of any kind.
///
/// An input is one octet with options (limits, whether a greeting is expected, the number of sizes), that many sizes of
/// pieces, and what the server says. The properties: nothing traps; events do not depend on the cuts; what is kept is
/// bounded; an error is a `MailError` that is fit for a terminal; of a literal, exactly the announced octets come.
package enum IMAPResponseFuzz {
    package static func run(_ octets: [UInt8]) throws(IMAPFuzzFailure) {
        var rest = octets[...]
        let options = rest.popFirst() ?? 0
        let sizes = rest.prefix(Int(options & 7)).map(Int.init)
        rest = rest.dropFirst(sizes.count)
        var limits = IMAPLimits()
        if options & 0x10 != 0 { limits.inlineSection = -1 }
        if options & 0x20 != 0 {
            limits.line = 256
            limits.resultLine = 512
            limits.literal = 64
            limits.literalsOfResponse = 128
            limits.inlineSection = 16
            limits.streamedLiteral = 1_024
            limits.depth = 8
            limits.elements = 32
            limits.parts = 8
            limits.responseCode = 64
        }
        try check(Array(rest), sizes, limits: limits, expectsGreeting: options & 8 != 0)
    }

    /// Checks what a server says, in one piece, in pieces of these sizes, and octet by octet.
    static func check(
        _ octets: [UInt8],
        _ sizes: [Int],
        limits: IMAPLimits = IMAPLimits(),
        expectsGreeting: Bool = false
    ) throws(IMAPFuzzFailure) {
        let whole = try read(octets, [], limits: limits, expectsGreeting: expectsGreeting)
        for cuts in [sizes, [1]] where !cuts.isEmpty {
            let pieces = try read(octets, cuts, limits: limits, expectsGreeting: expectsGreeting)
            try IMAPFuzzFailure.unless(whole == pieces, "in pieces of \(cuts): \(pieces), in one piece: \(whole)")
        }
        for event in whole.events { try use(event) }
    }

    /// What was read, with the pieces of a literal joined.
    struct Reading: Equatable {
        var events: [IMAPEvent] = []
        var error: String?
        var unread: [UInt8] = []

        var responses: [IMAPResponse] {
            events.compactMap { if case .response(let response) = $0 { response } else { nil } }
        }

        mutating func append(_ event: IMAPEvent) {
            if case .literalPiece(let piece) = event, case .literalPiece(let before)? = events.last {
                events[events.count - 1] = .literalPiece(before + piece)
            } else {
                events.append(event)
            }
        }
    }

    static func read(
        _ octets: [UInt8],
        _ sizes: [Int],
        limits: IMAPLimits = IMAPLimits(),
        expectsGreeting: Bool = false
    ) throws(IMAPFuzzFailure) -> Reading {
        var reading = Reading()
        var parser = IMAPResponseParser(limits: limits, expectsGreeting: expectsGreeting)
        parser.mask = SecretMask([Secret("a secret that servers repeat")])
        var buffer = ReceiveBuffer()
        let sizes = sizes.filter { $0 > 0 }
        let kept = max(limits.line, limits.resultLine) + limits.literalsOfResponse
        var rest = octets[...]
        var round = 0
        while !rest.isEmpty, reading.error == nil {
            let piece = sizes.isEmpty ? rest : rest.prefix(sizes[round % sizes.count])
            round += 1
            rest = rest.dropFirst(piece.count)
            buffer.append(Array(piece))
            do {
                while let event = try parser.next(from: &buffer) { reading.append(event) }
            } catch let error as MailError {
                try check(error)
                reading.error = error.message
            } catch {
                throw IMAPFuzzFailure("the parser threw no MailError: \(error)")
            }
            try IMAPFuzzFailure.unless(
                reading.error != nil || buffer.count <= kept + 2,
                "\(buffer.count) octets are kept of an unfinished response"
            )
        }
        if reading.error == nil { reading.unread = buffer.read(buffer.count) } else { reading.error = "an error" }
        return reading
    }

    private static func check(_ error: MailError) throws(IMAPFuzzFailure) {
        try IMAPFuzzFailure.unless(error.code == .protocolViolation, "the error is \(error.debugDescription)")
        let isFit = error.detailedDescription().unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
        try IMAPFuzzFailure.unless(isFit, "an error holds control characters: \(error.message.debugDescription)")
        try IMAPFuzzFailure.unless(
            !error.message.contains("a secret that servers repeat"),
            "the error shows a secret: \(error.message)"
        )
    }

    /// Everything that is done with what was read.
    private static func use(_ event: IMAPEvent) throws(IMAPFuzzFailure) {
        guard case .response(let response) = event else { return }
        switch response {
        case .fetch(let message):
            try IMAPFuzzFailure.unless(message.number > 0 || message.uid != nil, "a message without number")
            try IMAPFuzzFailure.unless(message.uid != 0, "a message with the UID 0")
            _ = message.envelope?.subjectText
            if let structure = message.bodyStructure {
                let parts = structure.numberedParts
                let numbers = parts.filter { !$0.number.isEmpty }.map(\.number)
                try IMAPFuzzFailure.unless(parts.count > 0, "a structure without parts")
                for section in numbers.prefix(20) { _ = IMAPSection(part: section).description }
                _ = parts.map(\.part.fileName)
            }
            _ = message.internalDate?.description
            _ = message.sections.map(\.section.description)
        case .threads(let threads):
            for (index, member) in threads.members.enumerated() {
                try IMAPFuzzFailure.unless((member.parent ?? -1) < index, "a message before its parent")
            }
        case .list(let entry):
            let name = entry.name.text(isUTF8: false)
            _ = (entry.name.text(isUTF8: true), entry.name.isInbox)
            if let decoded = ModifiedUTF7.decoded(entry.name.octets), entry.name.octets.contains(UInt8(ascii: "&")) {
                try IMAPFuzzFailure.unless(
                    Array(ModifiedUTF7.encoded(decoded).utf8) == entry.name.octets,
                    "UTF-7 of \(name)"
                )
            }
        default: break
        }
        try IMAPFuzzFailure.unless(!"\(response)".isEmpty, "a response without description")
    }
}
