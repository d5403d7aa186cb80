/// RTF as MAPI compresses it ([MS-OXRTFCP]): LZ77 with a window of 4,096 octets.
public enum CompressedRTF {
    /// What came out.
    public struct Result: Sendable, Hashable {
        /// The RTF, as much of it as could be read.
        public let octets: [UInt8]
        /// What was wrong.
        public let defects: [Defect]
    }

    /// What can be wrong with compressed RTF.
    public struct Defect: RawRepresentable, Sendable, Hashable {
        /// A few words in English.
        public let rawValue: String

        /// A defect of those words.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There are fewer octets than a header has, or the format is neither of the two.
        public static let noHeader = Defect(rawValue: "no header of compressed RTF")
        /// The data end before their end mark or before the size in the header.
        public static let truncated = Defect(rawValue: "truncated")
        /// The checksum in the header does not fit the data.
        public static let checksum = Defect(rawValue: "wrong checksum")
        /// The size in the header is not that of the RTF.
        public static let size = Defect(rawValue: "wrong size")
    }

    /// Decompresses. Never fails: what can be read comes back, with what was wrong.
    ///
    /// The RTF is at most nine times as long as the octets, whatever size their header claims.
    public static func decompress(_ octets: [UInt8]) -> Result {
        decompress(octets[...])
    }

    /// Decompresses a piece of other octets.
    public static func decompress(_ octets: ArraySlice<UInt8>) -> Result {
        var cursor = TNEFCursor(octets)
        guard let stored = cursor.uint32(), let raw = cursor.uint32(), let format = cursor.uint32(),
            let checksum = cursor.uint32(), format == compressed || format == uncompressed
        else { return Result(octets: [], defects: [.noHeader]) }
        // The size counts the three fields after itself.
        let claimed = max(0, Int(clamping: stored) - 12)
        let content = cursor.takeUp(to: claimed)
        var defects: [Defect] = content.count < claimed ? [.truncated] : []
        if format == uncompressed {
            // Here the checksum is of no meaning (section 2.1.3.1.4).
            let text = content.prefix(Int(clamping: raw))
            if text.count < raw, defects.isEmpty { defects.append(.size) }
            return Result(octets: Array(text), defects: defects)
        }
        if crc(content) != checksum { defects.append(.checksum) }
        let (text, hasEnd) = expand(content, size: Int(clamping: raw))
        if !hasEnd, text.count < raw, defects.first != .truncated { defects.append(.truncated) }
        if hasEnd, text.count != raw { defects.append(.size) }
        return Result(octets: text, defects: defects)
    }

    private static let compressed: UInt32 = 0x7546_5A4C  // LZFu
    private static let uncompressed: UInt32 = 0x414C_454D  // MELA
    private static let windowSize = 4_096

    /// What the window holds in the beginning (section 2.1.3.1.1).
    static let initialWindow = Array(
        (#"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "#
            + #"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"# + "\r\n"
            + #"\par \pard\plain\f0\fs20\b\i\u\tab\tx"#).utf8
    )

    /// The CRC of section 2.1.3.2: the polynomial of ZIP, but neither begun nor ended with ones.
    static func crc(_ octets: ArraySlice<UInt8>) -> UInt32 {
        octets.withUnsafeBufferPointer { source in
            table.withUnsafeBufferPointer { table in
                source.reduce(UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
            }
        }
    }

    private static let table: [UInt32] = (0..<256).map { value in
        (0..<8).reduce(UInt32(value)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
    }

    /// How the expansion ended.
    private enum Ending { case mark, sourceEnd, full }

    /// Runs of eight tokens, each a literal octet or a place in the window with a length.
    ///
    /// - Parameter size: what the header claims; a hint for the memory.
    /// - Returns: the RTF, and whether the end mark came.
    private static func expand(_ source: ArraySlice<UInt8>, size: Int) -> (text: [UInt8], hasEnd: Bool) {
        // A reference of two octets makes 17 at most, and each eight tokens need one more.
        let limit = source.count * 9
        var (text, ending) = expand(source, room: min(limit, size))
        // The header was wrong. Once more, with all the room that there could be use for.
        if ending == .full, size < limit { (text, ending) = expand(source, room: limit) }
        return (text, ending == .mark)
    }

    private static func expand(_ source: ArraySlice<UInt8>, room: Int) -> (text: [UInt8], ending: Ending) {
        var ending = Ending.sourceEnd
        let text = [UInt8](unsafeUninitializedCapacity: room) { output, written in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: windowSize) { window in
                window.initialize(repeating: 0)
                _ = window.update(fromContentsOf: initialWindow)
                source.withUnsafeBufferPointer { source in
                    ending = expand(source, room, &written, output, window)
                }
            }
        }
        return (text, ending)
    }

    private static func expand(
        _ source: UnsafeBufferPointer<UInt8>,
        _ room: Int,
        _ written: inout Int,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ window: UnsafeMutableBufferPointer<UInt8>
    ) -> Ending {
        var read = 0
        var place = initialWindow.count
        while read < source.count {
            var flags = source[read]
            read += 1
            for _ in 0..<8 {
                if flags & 1 == 0 {
                    guard read < source.count else { return .sourceEnd }
                    guard written < room else { return .full }
                    output.initializeElement(at: written, to: source[read])
                    window[place] = source[read]
                    read += 1
                    written += 1
                    place = (place + 1) & (windowSize - 1)
                } else {
                    guard read + 1 < source.count else { return .sourceEnd }
                    var from = Int(source[read]) << 4 | Int(source[read + 1]) >> 4
                    let length = Int(source[read + 1] & 0x0F) + 2
                    read += 2
                    if from == place { return .mark }
                    guard written + length <= room else { return .full }
                    // One by one: what is copied may be what has just been written.
                    for _ in 0..<length {
                        let octet = window[from]
                        output.initializeElement(at: written, to: octet)
                        window[place] = octet
                        written += 1
                        from = (from + 1) & (windowSize - 1)
                        place = (place + 1) & (windowSize - 1)
                    }
                }
                flags >>= 1
            }
        }
        return .sourceEnd
    }
}
