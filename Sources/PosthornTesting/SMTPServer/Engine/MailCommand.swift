/// A path with its parameters: what follows `MAIL FROM:` or `RCPT TO:` (RFC 5321 section 4.1.2).
struct MailCommand {
    /// Why a command is refused.
    struct Refusal: Error {
        let code: Int
        let status: String
        let text: String
    }

    /// The mailbox without brackets and source route; empty for `<>`.
    var mailbox: String
    /// Upper-case keywords and their values, in order.
    var parameters: [(keyword: String, value: String?)]
    /// Whether there was a space before the path, which the grammar does not allow.
    var hasSpaceBeforePath = false

    /// Reads the text after the colon.
    init(_ text: Substring) throws(Refusal) {
        var rest = Array(text.utf8)[...]
        while rest.first == UInt8(ascii: " ") {
            hasSpaceBeforePath = true
            rest = rest.dropFirst()
        }
        guard rest.popFirst() == UInt8(ascii: "<") else { throw Self.syntax("the path must stand in <>") }
        var path: [UInt8] = []
        var isQuoted = false
        var isClosed = false
        while let octet = rest.popFirst() {
            if octet < 0x20 || octet == 0x7F { throw Self.syntax("control characters are not allowed in a path") }
            if octet == UInt8(ascii: ">"), !isQuoted {
                isClosed = true
                break
            }
            path.append(octet)
            if octet == UInt8(ascii: "\"") { isQuoted.toggle() }
            if octet == UInt8(ascii: "\\"), isQuoted, let next = rest.popFirst() { path.append(next) }
        }
        guard isClosed else { throw Self.syntax("the path is not closed by >") }
        mailbox = Self.withoutRoute(String(decoding: path, as: UTF8.self))
        guard rest.isEmpty || rest.first == UInt8(ascii: " ") else {
            throw Self.syntax("a space is expected between path and parameters")
        }
        parameters = try Self.parameters(String(decoding: rest, as: UTF8.self))
        try checkMailbox()
    }

    private static func syntax(_ text: String) -> Refusal { Refusal(code: 501, status: "5.5.4", text: text) }

    private static func withoutRoute(_ path: String) -> String {
        guard path.hasPrefix("@"), let colon = path.firstIndex(of: ":") else { return path }
        return String(path[path.index(after: colon)...])
    }

    private static func parameters(_ text: String) throws(Refusal) -> [(keyword: String, value: String?)] {
        var result: [(keyword: String, value: String?)] = []
        for word in text.split(separator: " ") {
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let keyword = (halves.first ?? "").uppercased()
            let isWord = keyword.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || $0 == 45 }
            guard !keyword.isEmpty, isWord, keyword.utf8.first != 45 else {
                throw syntax("a parameter's keyword is not well formed")
            }
            guard !result.contains(where: { $0.keyword == keyword }) else {
                throw syntax("the parameter \(keyword) is given twice")
            }
            result.append((keyword, halves.count > 1 ? String(halves[1]) : nil))
        }
        return result
    }

    private func checkMailbox() throws(Refusal) {
        guard !mailbox.isEmpty else { return }
        let bad = Refusal(code: 553, status: "5.1.3", text: "the mail address is not well formed")
        guard mailbox.utf8.count <= 254 + 64 else { throw bad }
        if mailbox.lowercased() == "postmaster" { return }
        guard let at = mailbox.lastIndex(of: "@") else { throw bad }
        let local = mailbox[..<at]
        let domain = mailbox[mailbox.index(after: at)...]
        guard !local.isEmpty, !domain.isEmpty, !domain.contains(where: { " <>()\"\\,;@".contains($0) }) else {
            throw bad
        }
        let isQuoted = local.hasPrefix("\"") && local.hasSuffix("\"") && local.utf8.count >= 2
        guard isQuoted || !local.contains(where: { " <>()[]\"\\,;:@".contains($0) }) else { throw bad }
        guard isQuoted || !(local.hasPrefix(".") || local.hasSuffix(".") || local.contains("..")) else { throw bad }
    }
}
