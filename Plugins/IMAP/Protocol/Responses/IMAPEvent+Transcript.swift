import Posthorn
import PosthornNet

extension IMAPResponseParser {
    /// Writes what the server said in short: statuses as they are, of everything else the kind. No texts of messages.
    func record(_ event: IMAPEvent, in transcript: borrowing Transcript) {
        guard transcript.isEnabled else { return }
        if let line = event.transcriptLine { transcript.received(Array(line.utf8)) }
    }
}

extension IMAPEvent {
    /// One line for the transcript; `nil` for pieces of a body.
    var transcriptLine: String? {
        switch self {
        case .response(let response): response.transcriptLine
        case .literalBegins(let literal): "* \(literal.number) FETCH (… {\(literal.size)}"
        case .literalPiece, .literalEnds: nil
        }
    }
}

extension IMAPResponse {
    fileprivate var transcriptLine: String {
        switch self {
        case .greeting(let status), .status(let status): "* \(status.transcriptText)"
        case .tagged(let tag, let status): "\(tag) \(status.transcriptText)"
        case .continuation(let continuation): "+ \(IMAPStringOctets.text(continuation.text))"
        case .capabilities(let words): "* CAPABILITY \(words.joined(separator: " "))"
        case .enabled(let words): "* ENABLED \(words.joined(separator: " "))"
        case .list(let entry): "* LIST … \(entry.name.text(isUTF8: false))"
        case .mailboxStatus(let status): "* STATUS \(status.name.text(isUTF8: false)) (…)"
        case .search(let found): "* SEARCH … (\(found.numbers.count) numbers)"
        case .sort(let found): "* SORT … (\(found.numbers.count) numbers)"
        case .extendedSearch: "* ESEARCH …"
        case .threads(let threads): "* THREAD … (\(threads.members.count) numbers)"
        case .flags(let flags): "* FLAGS (\(flags.map(\.description).joined(separator: " ")))"
        case .exists(let number): "* \(number) EXISTS"
        case .recent(let number): "* \(number) RECENT"
        case .expunged(let number): "* \(number) EXPUNGE"
        case .vanished(let ranges, let isEarlier):
            "* VANISHED \(isEarlier ? "(EARLIER) " : "")… (\(ranges.count) ranges)"
        case .fetch(let message): "* \(message.number) FETCH (\(message.uid.map { "UID \($0) " } ?? "")…)"
        case .namespaces: "* NAMESPACE …"
        case .id(let fields): "* ID … (\(fields.count) fields)"
        case .quota: "* QUOTA …"
        case .quotaRoots: "* QUOTAROOT …"
        case .accessList: "* ACL …"
        case .myRights(_, let rights): "* MYRIGHTS … \(rights)"
        case .listRights: "* LISTRIGHTS …"
        case .metadata: "* METADATA …"
        case .unknown(let name): "* \(name) …"
        }
    }
}

extension IMAPStatus {
    fileprivate var transcriptText: String { "\(kind.rawValue)\(code.map { " [\($0.name)]" } ?? "") \(text)" }
}
