@testable import PosthornMIME

/// What libFuzzer runs of the reading half of MIME, and the tests replay: each target reads anything, and checks what must
/// hold for anything.
package enum MIMEFuzz: String, CaseIterable, Sendable {
    case parser, address, encodedWord, parameter, date, base64, quotedPrintable, tnef

    /// A property that does not hold.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs one input.
    package func run(_ input: [UInt8]) throws {
        switch self {
        case .parser: try parser(input)
        case .address: try address(input)
        case .encodedWord: try check(EncodedText.decode(input).text)
        case .parameter: try parameter(input)
        case .date: try date(input)
        case .base64: try decode(input, as: "base64")
        case .quotedPrintable: try decode(input, as: "quoted-printable")
        case .tnef: try tnef(input)
        }
    }

    private func require(_ holds: Bool, _ property: @autoclosure () -> String) throws {
        if !holds { throw Failure(description: "\(self): \(property())") }
    }

    /// Texts for people hold no control character but the tab.
    private func check(_ text: String) throws {
        let isSafe = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" }
        try require(isSafe, "a control character in \(text.debugDescription)")
    }

    /// The first octets of an input say how it is divided.
    private func pieces(_ input: [UInt8]) -> (sizes: [Int], octets: [UInt8]) {
        let sizes = input.prefix(4).map { Int($0 % 32) + 1 }
        return (sizes, Array(input.dropFirst(4)))
    }

    // MARK: Messages

    private func parser(_ input: [UInt8]) throws {
        let (sizes, octets) = pieces(input)
        let limits = ParsingLimits(depth: 8, parts: 50, headerSize: 600, allHeadersSize: 4_000, headerFields: 20)
        let whole = FuzzEvents.of(octets, sizes: [], limits: limits)
        if !sizes.isEmpty {
            let divided = FuzzEvents.of(octets, sizes: sizes, limits: limits)
            try require(divided == whole, "in pieces of \(sizes): \(divided), whole: \(whole)")
        }
        let message = ParsedMessage(octets, limits: limits)
        try require(message.root.bodyRange.upperBound == message.size, "the message does not end at its end")
        try require(message.root.all.count <= 50, "too many parts")
        for text in [message.subject, message.messageID] { try text.map(check) }
        for part in message.root.all {
            try require(part.bodyRange.upperBound <= message.size, "a part outside of the message")
            try part.fileName.map(check)
            for field in part.fields { try check(field.text) }
        }
        for leaf in message.leaves {
            var size = 0
            try leaf.forEachTextPiece { size += $0.byteCount }
            // A line of uuencoded data may be short by 44 octets, and an octet become a character of three.
            try require(size <= octets.count * 72 + 64, "a text of \(size) octets out of \(octets.count)")
        }
        _ = try message.plainText()
        _ = message.attachments.map(\.contentID)
    }

    private func address(_ input: [UInt8]) throws {
        let reading = AddressReading.read(input)
        try require(reading.mailboxes.count <= input.count, "more mailboxes than octets")
        for mailbox in reading.mailboxes {
            try mailbox.name.map(check)
            try check(mailbox.address)
            _ = mailbox.mailbox
        }
        _ = reading.addressList
        for id in MessageIDReading.read(input).ids { try check(id) }
    }

    private func parameter(_ input: [UInt8]) throws {
        let value = ParameterizedValue(input)
        try check(value.value)
        try require(value.parameters.count <= input.count, "more parameters than octets")
        for parameter in value.parameters {
            try check(parameter.value)
            try require(value[parameter.name] != nil, "a parameter that is not found")
        }
        _ = TransferEncoding(input)
    }

    private func date(_ input: [UInt8]) throws {
        guard let date = DateReading.read(input) else { return }
        // The years 0 to 9999.
        try require((-62_200_000_000...253_500_000_000).contains(date.secondsSinceEpoch), "\(date)")
        try require(abs(date.offsetMinutes) <= 100 * 60, "\(date)")
    }

    // MARK: Bodies

    private func decode(_ input: [UInt8], as name: String) throws {
        let (sizes, octets) = pieces(input)
        let whole = FuzzDecoding.of(octets, name, sizes: [])
        let divided = FuzzDecoding.of(octets, name, sizes: sizes)
        try require(divided == whole, "in pieces of \(sizes): \(divided), whole: \(whole)")
        try require(whole.octets.count <= octets.count, "more octets than characters")
        let slow = self == .base64 ? FuzzDecoding.base64(octets) : FuzzDecoding.quotedPrintable(octets)
        try require(whole.octets == slow, "\(whole.octets), read slowly: \(slow)")
    }

    private func tnef(_ input: [UInt8]) throws {
        let message = TNEFDecoder.decode(input)
        try require(message.attachments.count <= input.count, "more attachments than octets")
        for part in message.parts {
            try part.fileName.map(check)
            _ = part.octets.count
        }
        if let rtf = message.rtfBody { _ = (RTFText(rtf).html, RTFText(rtf).plain) }
        let rtf = CompressedRTF.decompress(input)
        // The longest reference, of 17 octets, takes 2 octets and an eighth.
        try require(rtf.octets.count <= input.count * 9 + 64, "\(rtf.octets.count) octets of RTF")
    }
}
