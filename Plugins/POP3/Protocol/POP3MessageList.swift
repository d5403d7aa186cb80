import Posthorn

/// Builds the list of a maildrop from the lines of LIST and UIDL (RFC 1939 sections 5 and 7). No I/O.
struct POP3MessageList {
    /// A message of the maildrop.
    struct Entry: Equatable {
        /// Its number in this session.
        var number: Int
        /// The server's word for its size in octets.
        var size: UInt64
        var id: StoredMessage.ID
        /// Whether the server names it in later sessions too.
        var isLasting: Bool
    }

    /// The most messages of a maildrop.
    static let limit = 5_000_000
    /// Begins the names of messages that the server gives none. No UIDL of RFC 1939 has a space.
    private static let numbering = "number "
    /// The longest UIDL; RFC 1939 allows 70 octets.
    static let uidLimit = 1_024

    private var sizes: [(number: Int, size: UInt64)] = []
    private var uids: [Int: String] = [:]
    private let server: String

    /// - Parameter server: host and port, for errors.
    init(server: String) { self.server = server }

    /// Takes a line of LIST: number and size.
    mutating func addSize(_ line: UnsafeRawBufferPointer) throws(MailError) {
        var rest = line[...]
        guard let number = Self.number(&rest), let size = Self.number(&rest) else { throw unreadable(line, of: "LIST") }
        guard sizes.count < Self.limit else { throw tooMany() }
        guard let number = Int(exactly: number), number > 0, number > (sizes.last?.number ?? 0) else {
            throw violation("numbers that do not ascend in its answer to LIST")
        }
        sizes.append((number, size))
    }

    /// Takes a line of UIDL: number and name. What else follows belongs to the name, since there are servers that put
    /// spaces into it.
    mutating func addUID(_ line: UnsafeRawBufferPointer) throws(MailError) {
        var rest = line[...]
        guard let number = Self.number(&rest).flatMap({ Int(exactly: $0) }) else {
            throw unreadable(line, of: "UIDL")
        }
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
        guard uids.count < Self.limit else { throw tooMany() }
        guard !rest.isEmpty, rest.count <= Self.uidLimit else { return }
        // Octets that are no text would all look alike.
        guard let uid = String(validating: rest, as: UTF8.self) else { return }
        // It must not be taken for another message that has no name.
        guard !uid.hasPrefix(Self.numbering) else { return }
        uids[number] = uid
    }

    /// The messages in the order of their numbers. A name that several of them have names none of them.
    func entries() -> [Entry] {
        var seen: Set<String> = []
        var doubled: Set<String> = []
        seen.reserveCapacity(uids.count)
        for (number, _) in sizes {
            guard let uid = uids[number] else { continue }
            if !seen.insert(uid).inserted { doubled.insert(uid) }
        }
        return sizes.map { number, size in
            if let uid = uids[number], doubled.isEmpty || !doubled.contains(uid) {
                return Entry(number: number, size: size, id: StoredMessage.ID(uid), isLasting: true)
            }
            let id = StoredMessage.ID("\(Self.numbering)\(number)")
            return Entry(number: number, size: size, id: id, isLasting: false)
        }
    }

    /// Takes a number and the spaces behind it.
    private static func number(_ text: inout Slice<UnsafeRawBufferPointer>) -> UInt64? {
        var value: UInt64 = 0
        var digits = 0
        while let octet = text.first, (0x30...0x39).contains(octet) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(octet &- 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
            digits += 1
            text.removeFirst()
        }
        guard digits > 0, text.isEmpty || text.first == UInt8(ascii: " ") || text.first == UInt8(ascii: "\t") else {
            return nil
        }
        while let octet = text.first, octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t") { text.removeFirst() }
        return value
    }

    private func unreadable(_ line: UnsafeRawBufferPointer, of command: String) -> MailError {
        violation("'\(PeerText.shown(line, limit: 80))' in its answer to \(command)")
    }

    private func tooMany() -> MailError { violation("a list of more than \(Self.limit) messages") }

    private func violation(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "\(server) sent \(what), which POP3 does not allow; nothing was fetched and nothing deleted: tell the server's "
                + "operator"
        )
    }
}
