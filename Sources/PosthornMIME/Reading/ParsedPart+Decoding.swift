import Posthorn

extension ParsedPart {
    /// What a body was like that was decoded.
    public struct Decoding: Sendable, Hashable {
        /// How many octets it has decoded.
        public var size: UInt64 = 0
        /// What was wrong with its encoding.
        public var defects: TransferDefects = []
    }

    /// What a text was like that was read.
    public struct TextReading: Sendable, Hashable {
        /// How many octets of UTF-8 it has.
        public var size: UInt64 = 0
        /// What was wrong with its encoding.
        public var defects: TransferDefects = []
        /// How often U+FFFD stands for what is no character.
        public var replacements = 0
        /// What was wrong with its characters.
        public var textDefects: ReadingDefects = []
    }

    /// The body as it is in the message, still encoded, piece by piece. Blocks while a file is read.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if the file that holds the message cannot be read any more
    ///   or was changed; what `body` throws.
    public func forEachEncodedPiece(_ body: (RawSpan) throws -> Void) throws {
        try message.forEachPiece(of: bodyRange) { try body($0.bytes) }
    }

    /// The octets of the decoded body, piece by piece, in constant memory. Blocks while a file is read.
    ///
    /// - Throws: what ``forEachEncodedPiece(_:)`` throws.
    @discardableResult
    public func forEachDecodedPiece(_ body: (RawSpan) throws -> Void) throws -> Decoding {
        var result = Decoding()
        guard !transferEncoding.isIdentity else {
            try forEachEncodedPiece { piece in
                result.size += UInt64(piece.byteCount)
                try body(piece)
            }
            if !transferEncoding.isKnown { result.defects = .unknownEncoding }
            return result
        }
        var decoder = transferEncoding.makeDecoder()
        var decoded: [UInt8] = []
        decoded.reserveCapacity(MessageOctets.pieceSize + 64)
        func give() throws {
            guard !decoded.isEmpty else { return }
            result.size += UInt64(decoded.count)
            try body(decoded.span.bytes)
            decoded.removeAll(keepingCapacity: true)
        }
        try message.forEachPiece(of: bodyRange) { piece in
            decoder.decode(piece, into: &decoded)
            try give()
        }
        decoder.finish(into: &decoded)
        try give()
        result.defects = decoder.defects
        return result
    }

    /// The decoded body.
    ///
    /// - Parameter limit: the most octets that are taken into memory.
    /// - Throws: ``MailError`` with code `too-large` if there are more; what ``forEachEncodedPiece(_:)`` throws.
    public func decoded(upTo limit: Int = 1 << 26) throws -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(min(limit, Int(clamping: bodyRange.upperBound - bodyRange.lowerBound)))
        try forEachDecodedPiece { piece in
            try Self.check(all.count + piece.byteCount, limit, path)
            piece.withUnsafeBytes { all.append(contentsOf: $0) }
        }
        return all
    }

    /// The text of the body as UTF-8, piece by piece, in constant memory. Octets that are no characters become U+FFFD; line
    /// ends stay as they are. Blocks while a file is read.
    ///
    /// - Throws: what ``forEachEncodedPiece(_:)`` throws.
    @discardableResult
    public func forEachTextPiece(_ body: (RawSpan) throws -> Void) throws -> TextReading {
        var result = TextReading()
        var decoder = CharsetDecoder(.declared(charset))
        var text: [UInt8] = []
        text.reserveCapacity(MessageOctets.pieceSize * 2)
        func give() throws {
            guard !text.isEmpty else { return }
            result.size += UInt64(text.count)
            try body(text.span.bytes)
            text.removeAll(keepingCapacity: true)
        }
        let decoding = try forEachDecodedPiece { piece in
            piece.withUnsafeBytes { decoder.decode($0, into: &text) }
            try give()
        }
        decoder.finish(into: &text)
        try give()
        result.defects = decoding.defects
        result.replacements = decoder.replacements
        result.textDefects = decoder.defects
        return result
    }

    /// The text of the body.
    ///
    /// - Parameter limit: the most octets of UTF-8 that are taken into memory.
    /// - Throws: ``MailError`` with code `too-large` if there are more; what ``forEachEncodedPiece(_:)`` throws.
    public func text(upTo limit: Int = 1 << 26) throws -> String {
        var all: [UInt8] = []
        try forEachTextPiece { piece in
            try Self.check(all.count + piece.byteCount, limit, path)
            piece.withUnsafeBytes { all.append(contentsOf: $0) }
        }
        return String(decoding: all, as: UTF8.self)
    }

    private static func check(_ count: Int, _ limit: Int, _ path: String) throws {
        guard count > limit else { return }
        throw MailError(
            .tooLarge,
            "part \(path.isEmpty ? "0" : path) of the message is larger than the \(limit) octets that were asked for"
        )
    }
}
