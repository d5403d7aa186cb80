/// What Outlook wraps into a `winmail.dat` (MS-OXTNEF).
extension ParsedPart {
    /// Whether the part is a TNEF stream, by its type or by the name that Outlook gives it.
    public var isTNEF: Bool {
        ["application/ms-tnef", "application/vnd.ms-tnef"].contains(contentType.value)
            || fileName?.lowercased() == "winmail.dat"
    }

    /// The message in the TNEF stream, with its texts in Unicode; `nil` if the part is none.
    ///
    /// - Parameter limit: the most octets that are taken into memory.
    /// - Throws: what ``decoded(upTo:)`` throws.
    public func tnefMessage(upTo limit: Int = 1 << 26) throws -> TNEFMessage? {
        guard isTNEF else { return nil }
        let octets = try decoded(upTo: limit)
        guard TNEFDecoder.isTNEF(octets) else { return nil }
        return TNEFDecoder.decode(octets)
    }

    /// What the TNEF stream holds as ordinary parts: bodies first, then files. Empty if the part is no TNEF stream.
    ///
    /// - Parameter limit: the most octets that are taken into memory.
    /// - Throws: what ``decoded(upTo:)`` throws.
    public func tnefParts(upTo limit: Int = 1 << 26) throws -> [TNEFPart] {
        try tnefMessage(upTo: limit)?.parts ?? []
    }
}
