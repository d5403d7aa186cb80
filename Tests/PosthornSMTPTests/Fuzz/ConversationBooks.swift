@testable import Posthorn
@testable import PosthornSMTP

/// Which reply belongs to which command, by the commands that went over the wire and by nothing else: every command has
/// one reply, in order, and the end of a message over LMTP has one for each recipient that the server took.
///
/// Kept beside the engines, to be compared with what these tell.
struct ConversationBooks {
    enum Kind: Equatable { case reset, mail, recipient, data, chunk, final }

    /// What the server has said to one transaction.
    struct Entry {
        var recipients: Int
        var isLMTP: Bool
        var resets: [SMTPReply] = []
        var mail: SMTPReply?
        var answers: [SMTPReply] = []
        var data: SMTPReply?
        var chunks: [SMTPReply] = []
        var finals: [SMTPReply] = []
        /// Replies to no command at all, while the transaction was in front.
        var unasked: [SMTPReply] = []
        var isHandedOver = false
        var hasFailedSource = false

        var accepted: [Int] { answers.indices.filter { answers[$0].isPositive } }
        var hasEnvelope: Bool { mail?.isPositive == true && !accepted.isEmpty }
        var refusesChunk: Bool { chunks.contains { !$0.isPositive } }
        /// How many replies the end of the message has. After a refused chunk there is no message to be delivered.
        var finalCount: Int { isLMTP && !refusesChunk ? max(1, accepted.count) : 1 }
        var all: [SMTPReply] {
            resets + [mail, data].compactMap { $0 } + answers + chunks + finals + unasked
        }
    }

    private(set) var entries: [Entry] = []
    /// The commands whose replies are due.
    private(set) var due: [(transaction: Int, kind: Kind)] = []
    /// How many transactions have their outcome.
    private(set) var finished = 0
    /// The 421 that ended the session.
    private(set) var lastWord: SMTPReply?
    private(set) var hasUnasked = false

    mutating func begin(recipients: Int, isLMTP: Bool) {
        entries.append(Entry(recipients: recipients, isLMTP: isLMTP))
    }

    mutating func finish() { finished += 1 }

    /// The server goes on after 421, so that this says nothing of the transactions behind.
    mutating func doubtLastWord() { lastWord = nil }

    /// Whether replies to commands of a transaction are due.
    func isOwed(to transaction: Int) -> Bool { due.contains { $0.transaction == transaction } }

    /// The client sends commands for a transaction.
    mutating func sent(_ octets: [UInt8], for transaction: Int) throws(FuzzFailure) {
        let text = String(decoding: octets, as: UTF8.self)
        try FuzzFailure.unless(text.hasSuffix("\r\n"), "a command without its end: \(text.debugDescription)")
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast() {
            let kind: Kind
            if line == "RSET" {
                kind = .reset
            } else if line.hasPrefix("MAIL FROM:<") {
                kind = .mail
            } else if line.hasPrefix("RCPT TO:<") {
                kind = .recipient
            } else if line == "DATA" {
                kind = .data
            } else if line.hasPrefix("BDAT ") {
                kind = line.hasSuffix(" LAST") ? .final : .chunk
            } else {
                throw FuzzFailure("a command that is none: \(line.debugDescription)")
            }
            due.append((transaction, kind))
        }
    }

    /// The end of the message behind DATA is sent.
    mutating func sentDot(for transaction: Int) { due.append((transaction, .final)) }

    mutating func handedOver(_ transaction: Int) { entries[transaction].isHandedOver = true }

    mutating func sourceFailed(_ transaction: Int) { entries[transaction].hasFailedSource = true }

    /// The server says something: it belongs to the oldest command that has no reply.
    mutating func received(_ reply: SMTPReply) {
        if reply.code == 421 { lastWord = reply }
        guard let owner = due.first else {
            hasUnasked = true
            if finished < entries.count { entries[finished].unasked.append(reply) }
            return
        }
        var entry = entries[owner.transaction]
        defer { entries[owner.transaction] = entry }
        var isAnswered = true
        switch owner.kind {
        case .reset: entry.resets.append(reply)
        case .mail: entry.mail = reply
        case .recipient: entry.answers.append(reply)
        case .data: entry.data = reply
        case .chunk: entry.chunks.append(reply)
        case .final:
            entry.finals.append(reply)
            isAnswered = entry.finals.count >= entry.finalCount
        }
        if isAnswered { due.removeFirst() }
    }
}
