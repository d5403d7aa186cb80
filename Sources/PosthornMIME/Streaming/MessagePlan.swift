import Posthorn

/// A message in one form, as pieces in their order: octets that are there, and content that is read later.
struct MessagePlan: Sendable {
    enum Segment: Sendable {
        case octets([UInt8])
        case stream(StreamedContent)
    }

    var segments: [Segment] = []
    /// The exact size in octets.
    var size: UInt64 = 0
    /// What the content needs.
    var transfer = ContentForm.Transfer.sevenBit
    /// Whether header fields hold UTF-8.
    var needsUTF8Headers = false
    /// Whether something is read later that may have changed until then.
    var isVolatile: Bool {
        segments.contains { segment in
            if case .stream(let stream) = segment { stream.isVolatile } else { false }
        }
    }

    var facts: ContentFacts {
        ContentFacts(
            size: size,
            transfer: needsUTF8Headers ? max(transfer, .eightBit) : transfer,
            needsUTF8Headers: needsUTF8Headers
        )
    }

    mutating func append(_ octets: [UInt8]) {
        size &+= UInt64(octets.count)
        if case .octets(var last) = segments.last, last.count < 65_536 {
            segments.removeLast()
            last += octets
            segments.append(.octets(last))
        } else {
            segments.append(.octets(octets))
        }
    }

    mutating func append(_ stream: StreamedContent) {
        size &+= stream.encodedSize
        segments.append(.stream(stream))
    }

    /// Adds header octets, and notes whether they hold UTF-8.
    mutating func append(header octets: [UInt8]) {
        if octets.contains(where: { $0 >= 0x80 }) { needsUTF8Headers = true }
        append(octets)
    }

    mutating func append(contentsOf other: MessagePlan) {
        for segment in other.segments {
            switch segment {
            case .octets(let octets): append(octets)
            case .stream(let stream): append(stream)
            }
        }
        transfer = max(transfer, other.transfer)
        needsUTF8Headers = needsUTF8Headers || other.needsUTF8Headers
    }
}

/// Content that is read while the message is being sent.
struct StreamedContent: Sendable {
    enum Origin: Sendable {
        case bytes([UInt8])
        case file(String, ReadableFile.Stamp)
        case message(MessageContent, ContentForm)
    }

    enum Coding: Sendable {
        /// As it is.
        case none
        /// As it is, but every line end becomes CRLF.
        case lines
        case base64
    }

    let origin: Origin
    let coding: Coding
    /// The octets that must come: before the encoding for base64, after it for the others.
    let size: UInt64
    /// What errors call it.
    let name: String

    var encodedSize: UInt64 { coding == .base64 ? Base64Encoder.encodedSize(of: size) : size }

    var isVolatile: Bool {
        if case .bytes = origin { false } else { true }
    }

    /// The error for content that is no longer what was measured.
    func changed() -> MailError {
        MailError(
            .contentUnavailable,
            "the attachment '\(PeerText.shown(name, limit: 100))' was changed while it was in use (its size is no longer "
                + "what it was); send again when nobody writes to it"
        )
    }

    /// An error of the source, with the attachment's name in front.
    func naming(_ error: any Error) -> any Error {
        guard var error = error as? MailError else { return error }
        error.message = "the attachment '\(PeerText.shown(name, limit: 100))': \(error.message)"
        return error
    }
}
