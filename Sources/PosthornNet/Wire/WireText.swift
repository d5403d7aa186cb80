package import Posthorn

/// Text for a peer, built of plain and secret pieces: the octets for the wire, and the text for the transcript.
///
/// What is secret is known from the start, so that a transcript needs no search to be free of secrets.
///
/// ```swift
/// var text = WireText()
/// text.append("AUTH PLAIN ")
/// text.appendSecret(base64)
/// text.appendLineEnd()
/// text.transcript    // AUTH PLAIN <secret>
/// ```
///
/// Message bodies do not belong here: see ``Connection/writeBody(_:)-([UInt8])``.
package struct WireText: Sendable {
    /// A piece of a text.
    package struct Piece: Sendable {
        let octets: [UInt8]
        /// Whether no log may show the octets.
        package let isSecret: Bool

        /// Text that anybody may see. The caller has refused CR, LF and NUL in whatever came from outside.
        package static func plain(_ text: String) -> Piece { Piece(octets: Array(text.utf8), isSecret: false) }

        /// Octets that anybody may see.
        package static func plain(_ octets: [UInt8]) -> Piece { Piece(octets: octets, isSecret: false) }

        /// Octets that no log may show.
        package static func secret(_ octets: [UInt8]) -> Piece { Piece(octets: octets, isSecret: true) }

        /// A secret's octets as they are.
        package static func secret(_ secret: Secret) -> Piece {
            Piece(octets: secret.withBytes { Array($0) }, isSecret: true)
        }
    }

    /// Everything, in the order of the wire. Never to be shown.
    package private(set) var octets: [UInt8] = []
    /// Which of the octets are secret: ascending, not empty, not adjacent to one another.
    package private(set) var secretRanges: [Range<Int>] = []

    /// An empty text.
    package init() {}

    /// A text of pieces.
    package init(_ pieces: Piece...) {
        for piece in pieces { append(piece) }
    }

    /// Plain text followed by CR LF: one command.
    package static func line(_ text: String) -> WireText {
        var result = WireText()
        result.octets.reserveCapacity(text.utf8.count &+ 2)
        result.append(text)
        result.appendLineEnd()
        return result
    }

    /// Pieces followed by CR LF: one command.
    package static func line(_ pieces: Piece...) -> WireText {
        var result = WireText()
        for piece in pieces { result.append(piece) }
        result.appendLineEnd()
        return result
    }

    /// The number of octets.
    package var count: Int { octets.count }
    /// Whether there is nothing.
    package var isEmpty: Bool { octets.isEmpty }

    /// Makes room for that many octets more.
    package mutating func reserve(_ more: Int) { octets.reserveCapacity(octets.count &+ more) }

    /// Appends a piece.
    package mutating func append(_ piece: Piece) {
        if piece.isSecret { appendSecret(piece.octets) } else { append(piece.octets) }
    }

    /// Appends plain text.
    package mutating func append(_ text: String) { octets.append(contentsOf: text.utf8) }

    /// Appends plain octets.
    package mutating func append(_ plain: some Collection<UInt8>) { octets.append(contentsOf: plain) }

    /// Appends another text, its secrets included.
    package mutating func append(_ other: WireText) {
        let offset = octets.count
        octets.append(contentsOf: other.octets)
        for range in other.secretRanges {
            secretRanges.append((range.lowerBound &+ offset)..<(range.upperBound &+ offset))
        }
    }

    /// Appends octets that no log may show.
    package mutating func appendSecret(_ secret: some Collection<UInt8>) {
        guard !secret.isEmpty else { return }
        let start = octets.count
        octets.append(contentsOf: secret)
        if let last = secretRanges.last, last.upperBound == start {
            secretRanges[secretRanges.count &- 1] = last.lowerBound..<octets.count
        } else {
            secretRanges.append(start..<octets.count)
        }
    }

    /// Appends CR LF.
    package mutating func appendLineEnd() {
        octets.append(0x0D)
        octets.append(0x0A)
    }

    /// Takes everything away and keeps the memory.
    package mutating func removeAll() {
        octets.removeAll(keepingCapacity: true)
        secretRanges.removeAll(keepingCapacity: true)
    }

    /// The text with `<secret>` for every secret piece, control characters escaped, without the last line end.
    package var transcript: String {
        transcriptLines().joined(separator: "\\x0D\\x0A")
    }

    /// The text as for ``transcript``, one element per line.
    package func transcriptLines() -> [String] {
        var lines: [String] = []
        var line = ""
        var start = 0
        func flush(upTo end: Int) {
            var from = start
            while from < end {
                guard let feed = octets[from..<end].firstIndex(of: 0x0A) else { break }
                line += PeerText.shown(octets[from..<feed].dropLast(octets[..<feed].last == 0x0D ? 1 : 0), limit: 1_000)
                lines.append(line)
                line = ""
                from = feed &+ 1
            }
            if from < end { line += PeerText.shown(octets[from..<end], limit: 1_000) }
        }
        for range in secretRanges {
            flush(upTo: range.lowerBound)
            line += WireText.mask
            start = range.upperBound
        }
        flush(upTo: octets.count)
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    /// What stands for a secret in transcripts.
    static let mask = "<secret>"
}

extension WireText.Piece: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text, or `<secret>`.
    package var description: String { isSecret ? WireText.mask : PeerText.shown(octets) }
    /// The text, or `<secret>`.
    package var debugDescription: String { description }
    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension WireText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The redacted text.
    package var description: String { transcript }
    /// The redacted text.
    package var debugDescription: String { transcript }
    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
