import Posthorn
import PosthornTesting
import Synchronization

/// What can be wrong with a transport; each is caught by one rule.
enum TransportDefect: CaseIterable, Sendable {
    case deliversNothing, deliversTwice
    case reversesResults, forgetsResults
    case throwsOnRefusal, hidesRefusal, unknownRefusal
    case takesNobody, wrongMessageID, replacesNullPath
    case dropsDots, sevenBitOnly, brokenHeader, needsSize
    case collects, stopsEarly, progressGoesBack, progressPassesTotal
    case unknownAtStart, deliversPart, unknownInTheMiddle
    case ignoresRequirement, readsBeforeRequirement, hidesIgnoredWish
    case sendsWhenCancelled, throwsCancellationError, ignoresCancellation, unknownWhenCancelled
    case mixesUp, brokenAfterClose, talkative, tellsSecret

    var rule: TransportConformance.Rule {
        switch self {
        case .deliversNothing, .deliversTwice: .simpleMessage
        case .reversesResults, .forgetsResults: .recipientOrder
        case .throwsOnRefusal, .hidesRefusal, .unknownRefusal: .refusedRecipient
        case .takesNobody: .noRecipient
        case .wrongMessageID: .messageID
        case .replacesNullPath: .nullReversePath
        case .dropsDots: .contentUnchanged
        case .sevenBitOnly: .eightBitContent
        case .brokenHeader: .unicodeHeader
        case .needsSize: .unknownSize
        case .collects, .stopsEarly: .largeContent
        case .progressGoesBack, .progressPassesTotal: .progress
        case .unknownAtStart: .unreadableAtStart
        case .deliversPart, .unknownInTheMiddle: .unreadableInTheMiddle
        case .ignoresRequirement, .readsBeforeRequirement: .requiredOption
        case .hidesIgnoredWish: .ignoredWish
        case .sendsWhenCancelled, .throwsCancellationError: .cancelledBeforeSending
        case .ignoresCancellation, .unknownWhenCancelled: .cancelledWhileSending
        case .mixesUp: .parallelSends
        case .brokenAfterClose: .reuseAfterClose
        case .talkative, .tellsSecret: .silentTexts
        }
    }
}

/// A transport with one defect.
final class BrokenTransport: OutgoingTransport {
    let memory: InMemoryTransport
    let defect: TransportDefect
    private let lastRequest = Mutex<SendRequest?>(nil)
    private let isClosed = Mutex(false)

    init(memory: InMemoryTransport, defect: TransportDefect) {
        self.memory = memory
        self.defect = defect
    }

    func close() async {
        isClosed.withLock { $0 = true }
    }

    func send(_ original: SendRequest) async throws -> SendReceipt {
        var request = original
        switch defect {
        case .deliversNothing: return receipt(for: request)
        case .deliversTwice: _ = try await memory.send(request)
        case .throwsOnRefusal:
            let receipt = try await memory.send(request)
            if !receipt.isComplete { throw MailError(.refused, "one was refused", certainty: .rejected) }
            return receipt
        case .takesNobody where request.envelope.recipients.isEmpty: return receipt(for: request)
        case .replacesNullPath where request.envelope.sender == nil:
            request.envelope.sender = try EmailAddress("postmaster@example.org")
        case .dropsDots: request.content = .bytes(Self.withoutDots(try await bytes(of: request)))
        case .sevenBitOnly: request.content = .bytes(try await bytes(of: request).map { $0 & 0x7F })
        case .brokenHeader where try await request.content.facts().needsUTF8Headers:
            request.content = .bytes(try await bytes(of: request).map { $0 < 0x80 ? $0 : UInt8(ascii: "?") })
        case .needsSize where try await request.content.facts().size == nil:
            throw MailError(.contentUnavailable, "the size is not known")
        case .collects: request.content = .bytes(try await bytes(of: request))
        case .stopsEarly: request.content = .bytes(try await part(of: request, upTo: 1 << 20))
        case .progressGoesBack:
            request.progress?.report(completed: 1_000, total: nil)
            request.progress?.report(completed: 10, total: nil)
        case .progressPassesTotal: request.progress?.report(completed: 11, total: 10)
        case .unknownAtStart, .unknownInTheMiddle: return try await sendingUnknown(request)
        case .deliversPart: request.content = .bytes(try await part(of: request, upTo: .max))
        case .ignoresRequirement: request.options = SendOptions()
        case .readsBeforeRequirement: _ = try await part(of: request, upTo: .max)
        case .sendsWhenCancelled:
            let detached = request
            return try await Task { try await memory.send(detached) }.value
        case .throwsCancellationError: try Task.checkCancellation()
        case .ignoresCancellation:
            let detached = request
            return try await Task { try await memory.send(detached) }.value
        case .mixesUp:
            lastRequest.withLock { $0 = original }
            try await Task.sleep(for: .milliseconds(20))
            if let last = lastRequest.withLock({ $0 }) { request = last }
        case .brokenAfterClose where isClosed.withLock({ $0 }):
            throw MailError(.misuse, "closed")
        default: break
        }
        return try await sending(request)
    }

    /// Sends, and spoils the receipt or the error.
    private func sending(_ request: SendRequest) async throws -> SendReceipt {
        do {
            var receipt = try await memory.send(request)
            switch defect {
            case .reversesResults: receipt.recipients.reverse()
            case .forgetsResults: receipt.recipients = Array(receipt.recipients.prefix(1))
            case .hidesRefusal: receipt.recipients = receipt.recipients.map { RecipientResult($0.address, .accepted) }
            case .wrongMessageID: receipt.messageID = "<another@posthorn.example>"
            case .hidesIgnoredWish: receipt.ignoredOptions = []
            case .talkative: receipt.reply?.text = String(decoding: try await bytes(of: request), as: UTF8.self)
            case .tellsSecret: receipt.reply?.text = "signed in with PosthornSecretCanary"
            default: break
            }
            return receipt
        } catch var error as MailError {
            if defect == .unknownRefusal || (defect == .unknownWhenCancelled && error.code == .cancelled) {
                error.certainty = .unknown
            }
            throw error
        }
    }

    private func sendingUnknown(_ request: SendRequest) async throws -> SendReceipt {
        do {
            return try await memory.send(request)
        } catch var error as MailError {
            error.certainty = .unknown
            throw error
        }
    }

    private func receipt(for request: SendRequest) -> SendReceipt {
        SendReceipt(
            kind: .acceptedByServer,
            messageID: request.messageID,
            recipients: request.envelope.recipients.map { RecipientResult($0, .accepted) }
        )
    }

    private func bytes(of request: SendRequest) async throws -> [UInt8] {
        try await request.content.collect(upTo: 1 << 30)
    }

    /// What can be read, whether it is all or not.
    private func part(of request: SendRequest, upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece: [UInt8] = []
        do {
            var reader = try await request.content.makeReader()
            while bytes.count < limit, try await reader.read(into: &piece) {
                bytes += piece
                piece = []
            }
        } catch {}
        return bytes
    }

    private static func withoutDots(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for octet in bytes {
            if octet != UInt8(ascii: ".") || previous != 10 { result.append(octet) }
            previous = octet
        }
        return result
    }
}
