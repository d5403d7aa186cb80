import Posthorn
import PosthornTLS

/// A message in an mbox, by its places in the file.
struct MboxEntry: Sendable {
    var id = StoredMessage.ID("")
    /// The name without the number of the occurrence.
    var digest = ""
    /// Where its `From ` line is.
    var from: UInt64
    /// Its octets in the file: what comes behind that line, without the empty line that ends it.
    var start: UInt64
    var end: UInt64
    /// Where the next message begins, or the file ends.
    var next: UInt64
    /// Up to where `>From ` stands for `From `: everywhere, or in the header alone.
    var unquotedEnd = UInt64.max
    /// The octets that it is read as.
    var size: UInt64 = 0
}

/// Finds the messages of an mbox.
struct MboxScanner {
    private let file: OpenFile
    private let hash: HashStream
    private(set) var entries: [MboxEntry] = []
    private var entry: MboxEntry?
    private var decoder = MboxDecoder()
    /// Up to where the message is unquoted.
    private var unquotedEnd = UInt64.max
    private var decoded: [UInt8] = []
    /// An empty line that is part of the message if more of it follows.
    private var heldBlank: (offset: UInt64, octets: [UInt8])?
    private var isAfterBlank = true
    private var isInHeader = false
    private var contentLength: UInt64?
    /// Where the message ends by its own word, if that can be believed.
    private var toldEnd: UInt64?

    /// Reads the whole file.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if it cannot be read or is no mbox.
    static func scan(_ file: OpenFile) throws -> [MboxEntry] {
        var scanner = MboxScanner(file: file, hash: try HashStream(.sha256))
        try MboxLines.forEach(of: file, from: 0, to: file.size) { try scanner.take($0, $1, $2) }
        try scanner.endMessage(at: file.size)
        var seen: [String: Int] = [:]
        for index in scanner.entries.indices {
            let digest = scanner.entries[index].digest
            let number = seen[digest, default: 0] + 1
            seen[digest] = number
            scanner.entries[index].id = Self.id(digest, number)
        }
        return scanner.entries
    }

    /// The name of a message: its hash, and its number among those that are the same.
    static func id(_ digest: String, _ number: Int) -> StoredMessage.ID { StoredMessage.ID("\(digest)-\(number)") }

    /// The hash as it stands in names: the first 128 bits of SHA-256.
    static func digest(_ hash: HashStream) throws -> String {
        String(decoding: Hexadecimal.digits(of: try hash.finish().prefix(16)), as: UTF8.self)
    }

    private mutating func take(_ line: UnsafeRawBufferPointer, _ offset: UInt64, _ isLineStart: Bool) throws -> Bool {
        guard isLineStart else {
            try add(line)
            return true
        }
        let isBlank = Self.isBlank(line)
        let isSeparator = isAfterBlank && MboxLine.isSeparator(line)
        // The first line of a file is what makes it an mbox, however its date is written.
        if isSeparator || (entry == nil && line.starts(with: MboxLine.mark)) {
            try endMessage(at: offset)
            let start = offset &+ UInt64(line.count)
            entry = MboxEntry(from: offset, start: start, end: start, next: start)
            (isAfterBlank, isInHeader) = (false, true)
            return true
        }
        guard entry != nil else {
            guard isBlank else { throw notAnMbox() }
            return true
        }
        try releaseBlank()
        isAfterBlank = isBlank
        if isBlank {
            heldBlank = (offset, Array(line))
            if isInHeader {
                isInHeader = false
                try believeLength(bodyStart: offset &+ UInt64(line.count))
            }
            return true
        }
        if isInHeader, contentLength == nil { contentLength = Self.contentLength(line) }
        try add(line)
        return true
    }

    private static func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
        line.first == 0x0A || (line.count == 2 && line[0] == 0x0D && line[1] == 0x0A)
    }

    private mutating func add(_ octets: UnsafeRawBufferPointer) throws {
        decoder.decode(octets, into: &decoded)
        if decoded.count >= ContentChunk.preferredSize { try addToHash() }
    }

    private mutating func addToHash() throws {
        try decoded.withUnsafeBytes { try hash.update($0) }
        entry?.size &+= UInt64(decoded.count)
        decoded.removeAll(keepingCapacity: true)
    }

    private mutating func releaseBlank() throws {
        guard let blank = heldBlank else { return }
        heldBlank = nil
        try blank.octets.withUnsafeBytes { try add($0) }
    }

    private mutating func endMessage(at offset: UInt64) throws {
        guard entry != nil else { return }
        if let blank = heldBlank, let toldEnd, blank.offset < toldEnd { try releaseBlank() }
        let end = heldBlank?.offset ?? offset
        heldBlank = nil
        decoder.finish(into: &decoded)
        try addToHash()
        if var entry {
            (entry.end, entry.next, entry.unquotedEnd) = (end, offset, unquotedEnd)
            entry.digest = try Self.digest(hash)
            entries.append(entry)
        }
        try hash.reset()
        (entry, decoder, contentLength, toldEnd) = (nil, MboxDecoder(), nil, nil)
    }

    /// The value of the field Content-Length, if the line is one.
    private static func contentLength(_ line: UnsafeRawBufferPointer) -> UInt64? {
        let name = Array("content-length:".utf8)
        guard line.count > name.count, line.count < 80,
            zip(line, name).allSatisfy({ $0 | ((0x41...0x5A).contains($0) ? 0x20 : 0) == $1 })
        else { return nil }
        return UInt64(String(decoding: line[name.count...].filter { $0 > 0x20 }, as: UTF8.self))
    }

    /// Looks whether a length that the message tells leads exactly to the next message, or to the end of the file. It
    /// is a stranger's word: one that would swallow other messages is not believed.
    private mutating func believeLength(bodyStart: UInt64) throws {
        guard let contentLength else { return }
        let (end, isTooGreat) = bodyStart.addingReportingOverflow(contentLength)
        guard !isTooGreat, end <= file.size, try isBoundary(end) else { return }
        var (hasBareLine, hasSeparator, isAfterBlank) = (false, false, true)
        try MboxLines.forEach(of: file, from: bodyStart, to: end) { line, _, isLineStart in
            if isLineStart {
                if line.starts(with: MboxLine.mark) {
                    hasBareLine = true
                    hasSeparator = isAfterBlank && MboxLine.isSeparator(line)
                }
                isAfterBlank = Self.isBlank(line)
            }
            return !hasSeparator
        }
        guard !hasSeparator else { return }
        toldEnd = end
        // Whoever quotes does not leave a line like that: it was not quoted at all (mboxcl2).
        if hasBareLine {
            decoder.unquotes = false
            unquotedEnd = bodyStart
        }
    }

    /// Whether a message begins at the place, or the file ends, or does so behind at most two line ends.
    private func isBoundary(_ offset: UInt64) throws -> Bool {
        var octets: [UInt8] = []
        _ = try file.read(into: &octets, at: offset, upTo: MboxLine.longest + 4)
        var rest = octets[...]
        for _ in 0..<2 {
            if rest.isEmpty { return true }
            if rest.starts(with: MboxLine.mark) { break }
            if rest.first == 0x0D { rest = rest.dropFirst() }
            guard rest.first == 0x0A else { return false }
            rest = rest.dropFirst()
        }
        let line = Array(rest.prefix { $0 != 0x0A })
        return rest.isEmpty || line.withUnsafeBytes { MboxLine.isSeparator($0) }
    }

    private func notAnMbox() -> MailError {
        MailError(
            .contentUnavailable,
            "the file '\(PeerText.shown(file.path))' does not begin with a line 'From sender date'; it is no mbox: "
                + "correct the path"
        )
    }
}
