import Posthorn
import PosthornNet

/// A message whose octets are coming in.
struct IMAPMessageStream {
    /// The command that asked for it.
    let tag: String
    /// Whose octets they are held for. The end of the response must say the same.
    let uid: UInt32
    /// Whether it is the last that the command brings, so that its answer belongs to it.
    let isAlone: Bool
}

/// What a FETCH of bodies brings next.
enum IMAPBody {
    /// A message, whole.
    case whole(uid: UInt32, [UInt8])
    /// A message that comes in pieces, to be read with ``IMAPLine/readStream(_:into:)``.
    case stream(uid: UInt32, number: Int)
    /// The command has ended.
    case end(IMAPStatus)
}

extension IMAPLine {
    /// The next message of a FETCH of bodies. A message under way must be at its end.
    ///
    /// - Parameter section: what was asked for; anything else must not be taken for it.
    func nextBody(_ tag: String, _ section: IMAPSection, isAlone: Bool) async throws -> IMAPBody {
        let limit = TransferDeadline(timeouts, for: "a message")
        while true {
            switch try await next(limit.deadline) {
            case .literalBegins(let literal):
                guard literal.section == section, literal.origin == nil, !literal.isBinary else {
                    throw violation("a part of a message that was not asked for")
                }
                // The UID may follow the octets: until then it is what the number says.
                guard let uid = literal.uid ?? mailbox?.uid(of: literal.number) else {
                    throw violation("a message without its UID")
                }
                streamNumber &+= 1
                stream = IMAPMessageStream(tag: tag, uid: uid, isAlone: isAlone)
                streamLimit = TransferDeadline(timeouts, for: "a message")
                return .stream(uid: uid, number: streamNumber)
            case .response(.fetch(let message)):
                try take(.fetch(message)) { _ in }
                guard let found = message.sections.first(where: { $0.octets != nil }), let octets = found.octets
                else { continue }
                guard found.section == section, found.origin == nil, !found.isBinary, message.sections.count == 1 else {
                    throw violation("a part of a message that was not asked for")
                }
                // UID FETCH has it in every response (RFC 9051 section 6.4.9); a number alone may be another message's.
                guard let uid = message.uid else { throw violation("a message without its UID") }
                return .whole(uid: uid, octets)
            case .response(.tagged(let other, let status)):
                guard other == tag else { throw violation("an answer to another command") }
                return .end(status)
            case .response(let response): try take(response) { _ in }
            case .literalPiece, .literalEnds: throw violation("a piece of a message that did not begin")
            }
        }
    }

    /// Appends the next octets of a message that comes in pieces.
    ///
    /// - Returns: `false` at its end, when nothing was appended.
    /// - Throws: `misuse` if the line has gone on to something else.
    func readStream(_ number: Int, into octets: inout [UInt8]) async throws -> Bool {
        guard number == streamNumber else {
            throw MailError(
                .misuse,
                "this message was not read to its end before the session with \(server) went on; read one message after the "
                    + "other"
            )
        }
        while let stream {
            switch try await next(streamLimit.deadline) {
            case .literalPiece(let piece):
                streamLimit.progressed(piece.count)
                octets.append(contentsOf: piece)
                return true
            case .literalEnds: continue
            case .response(.fetch(let message)):
                try take(.fetch(message)) { _ in }
                guard message.uid == stream.uid else {
                    throw violation("a message with the UID of another, or with none")
                }
                self.stream = nil
                guard stream.isAlone else { return false }
                let status = try await finish(stream.tag, "FETCH")
                guard status.kind == .ok else { throw refusal(status, "FETCH") }
                return false
            case .response(let response): try take(response) { _ in }
            case .literalBegins: throw violation("a message inside of another")
            }
        }
        return false
    }

    /// Reads what is left of the message under way and throws it away.
    func finishStream() async throws {
        guard stream != nil else { return }
        // Whoever still holds its reader must not take this for the end.
        streamNumber &+= 1
        var nothing: [UInt8] = []
        while try await readStream(streamNumber, into: &nothing) { nothing.removeAll(keepingCapacity: true) }
    }
}

/// Reads a message as it comes in.
struct IMAPStreamReader: ContentReader {
    let line: IMAPLine
    let number: Int
    private var isAtEnd = false

    init(line: IMAPLine, number: Int) {
        self.line = line
        self.number = number
    }

    mutating func read(into buffer: inout [UInt8]) async throws -> Bool {
        guard !isAtEnd else { return false }
        try line.claim()
        defer { line.release() }
        guard try await line.readStream(number, into: &buffer) else {
            isAtEnd = true
            return false
        }
        return true
    }
}
