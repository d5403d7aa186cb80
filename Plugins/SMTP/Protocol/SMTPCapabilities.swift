import Posthorn

/// What a server announced in its reply to EHLO or LHLO (RFC 5321 section 4.1.1.1).
struct SMTPCapabilities: Equatable, Sendable {
    /// Extension keyword in upper case → its parameters, as the server wrote them.
    private(set) var extensions: [String: [String]] = [:] {
        didSet { note() }
    }
    /// What is asked for with every message, looked up once.
    private(set) var hasPipelining = false
    private(set) var hasSize = false
    private(set) var has8BitMIME = false
    private(set) var hasSMTPUTF8 = false
    private(set) var hasChunking = false
    private(set) var hasDSN = false
    /// Whether messages may hold any octets (RFC 3030: BINARYMIME is of no use without BDAT).
    private(set) var hasBinaryMIME = false
    /// The largest message in octets (RFC 1870); `nil` if the server gave no limit.
    private(set) var sizeLimit: UInt64?
    /// The server's name for itself.
    private(set) var serverName = ""

    /// Nothing at all: what a server that knows only HELO can do.
    init() {}

    /// The announcements of an EHLO reply. The first line is the greeting; unreadable lines are passed over.
    init(reply: SMTPReply) {
        var extensions: [String: [String]] = [:]
        defer {
            self.extensions = extensions
            note()
        }
        for (number, line) in reply.lines.prefix(256).enumerated() {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            if number == 0 {
                serverName = PeerText.shown(first, limit: 255)
                continue
            }
            // Old servers write "AUTH=LOGIN PLAIN" beside, or instead of, "AUTH LOGIN PLAIN".
            if first.uppercased().hasPrefix("AUTH=") {
                let mechanisms = [String(first.dropFirst(5))] + words.dropFirst()
                extensions["AUTH", default: []] += mechanisms.filter { !$0.isEmpty }
            } else {
                extensions[first.uppercased(), default: []] += words.dropFirst()
            }
        }
    }

    /// Forgets extensions, as if the server had not announced them. The keywords are upper case.
    mutating func ignore(_ keywords: [String]) {
        for keyword in keywords { extensions[keyword] = nil }
    }

    /// Whether an extension was announced. `keyword` is upper case.
    func offers(_ keyword: String) -> Bool { extensions[keyword] != nil }

    /// The offered SASL mechanisms, upper case, each once.
    var mechanisms: [String] {
        var seen: Set<String> = []
        return (extensions["AUTH"] ?? []).map { $0.uppercased() }.filter { seen.insert($0).inserted }
    }

    private mutating func note() {
        hasPipelining = offers("PIPELINING")
        hasSize = offers("SIZE")
        has8BitMIME = offers("8BITMIME")
        hasSMTPUTF8 = offers("SMTPUTF8")
        hasChunking = offers("CHUNKING")
        hasDSN = offers("DSN")
        hasBinaryMIME = hasChunking && offers("BINARYMIME")
        sizeLimit = extensions["SIZE"]?.first.flatMap(UInt64.init).flatMap { $0 > 0 ? $0 : nil }
    }

    /// The arguments of an extension, as the server wrote them.
    func parameters(of keyword: String) -> [String] { extensions[keyword] ?? [] }

    /// The arguments of an extension that are numbers, in their order.
    func numbers(of keyword: String) -> [Int64] { (extensions[keyword] ?? []).compactMap(Int64.init) }

    /// The extensions for people, sorted: `8BITMIME, AUTH PLAIN LOGIN, SIZE 10240000`.
    var summary: String {
        extensions.keys.sorted()
            .map { ([$0] + (extensions[$0] ?? [])).joined(separator: " ") }
            .map { PeerText.shown($0, limit: 200) }
            .joined(separator: ", ")
    }
}
