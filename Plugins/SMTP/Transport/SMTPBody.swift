import Posthorn
import PosthornNet

/// A message on its way to the wire: read piece by piece, each piece in the form that travels.
struct SMTPBody {
    private enum Encoding {
        case lines(SMTPDataEncoder)
        /// BINARYMIME: every octet as it is.
        case binary(hasSeenHeader: Bool)
    }

    /// `nil` for a message that was complete from the start.
    private var reader: (any ContentReader)?
    private var encoding: Encoding
    private var piece: [UInt8] = []
    /// Octets of the source that were read.
    private(set) var completed: UInt64 = 0
    /// Whether ``encoded`` holds the message's end.
    private(set) var isComplete = false
    /// What is ready to be sent.
    var encoded: [UInt8] = []

    /// - Parameter carriage: decides about dots.
    init(_ reader: any ContentReader, isBinary: Bool, stuffsDots: Bool) {
        self.reader = reader
        encoding = isBinary ? .binary(hasSeenHeader: false) : .lines(SMTPDataEncoder(stuffingDots: stuffsDots))
    }

    /// A message that is there already.
    init(_ ready: ReadyOctets, isBinary: Bool, stuffsDots: Bool) throws {
        var octets: [UInt8] = []
        octets.reserveCapacity(ready.count + ready.count / 64 + 8)
        if isBinary {
            octets.append(contentsOf: ready.header)
            octets.append(contentsOf: ready.rest)
            try Self.checkHeader(octets)
        } else {
            var encoder = SMTPDataEncoder(stuffingDots: stuffsDots)
            ready.header.withUnsafeBytes { encoder.encode($0, into: &octets) }
            ready.rest.withUnsafeBytes { encoder.encode($0, into: &octets) }
            encoder.finish(into: &octets)
        }
        encoding = .binary(hasSeenHeader: true)
        encoded = octets
        isComplete = true
        completed = UInt64(ready.count)
    }

    /// Reads until at least so many octets are ready, or all, or nobody waits for the message any more.
    mutating func fill(_ wanted: Int, for delivery: SMTPDelivery) async throws {
        while !isComplete, encoded.count < wanted, !delivery.isSettled {
            piece.removeAll(keepingCapacity: true)
            isComplete = try await reader?.readSome(into: &piece) != true
            completed += UInt64(piece.count)
            try encode()
        }
        // Small messages are kept while they are under way; the piece is not needed any more.
        if isComplete { piece = [] }
    }

    private mutating func encode() throws {
        switch encoding {
        case .lines(var encoder):
            piece.withUnsafeBytes { encoder.encode($0, into: &encoded) }
            if isComplete { encoder.finish(into: &encoded) }
            encoding = .lines(encoder)
        case .binary(let hasSeenHeader):
            encoded.append(contentsOf: piece)
            guard !hasSeenHeader else { return }
            try Self.checkHeader(encoded)
            encoding = .binary(hasSeenHeader: true)
        }
    }

    /// What travels as it is must have the line ends of mail at least in its header, where nobody would know what others
    /// mean.
    private static func checkHeader(_ octets: [UInt8]) throws {
        var previous: UInt8 = 0
        var lineStart = 0
        for (index, octet) in octets.enumerated() {
            defer { previous = octet }
            guard octet == 0x0A || previous == 0x0D else { continue }
            guard octet == 0x0A, previous == 0x0D else {
                throw MailError(
                    .unsupported,
                    "the message has lines of more than 998 octets or NUL octets, and its header has line ends that are not "
                        + "CR LF, so it can travel neither as text nor as it is; save it with CR LF, or encode its parts with "
                        + "base64 or quoted-printable"
                )
            }
            if index - lineStart == 1 { return }
            lineStart = index + 1
        }
    }
}
