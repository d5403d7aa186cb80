/// Decodes attachments of the type `application/ms-tnef`, `winmail.dat` ([MS-OXTNEF]).
///
/// Decoding never fails: whatever the octets are, what can be read of them comes back, with a list of what was wrong.
/// Time and memory grow in proportion to the octets.
public enum TNEFDecoder {
    /// The first four octets, as a number.
    static let signature: UInt32 = 0x223E_9F78

    /// Whether octets begin as TNEF does.
    public static func isTNEF(_ octets: some Collection<UInt8>) -> Bool {
        octets.starts(with: [0x78, 0x9F, 0x3E, 0x22])
    }

    /// Decodes the octets of a whole attachment.
    public static func decode(_ octets: [UInt8], limits: TNEFLimits = TNEFLimits()) -> TNEFMessage {
        decode(octets, limits: limits, decode: TNEFCodePage.builtIn)
    }

    /// Decodes, with texts read by `decode`.
    static func decode(
        _ octets: [UInt8],
        limits: TNEFLimits = TNEFLimits(),
        decode: @escaping TNEFCodePage.Decoding
    ) -> TNEFMessage {
        var reading = TNEFReading(limits: limits, decode: decode)
        var message = message(octets[...], depth: 0, &reading)
        message.defects = reading.defects
        return message
    }

    private static func message(_ octets: ArraySlice<UInt8>, depth: Int, _ reading: inout TNEFReading) -> TNEFMessage {
        var message = TNEFMessage()
        var cursor = TNEFCursor(octets)
        guard cursor.uint32() == signature else {
            reading.report(.noSignature, at: octets.startIndex)
            return message
        }
        guard let key = cursor.uint16() else {
            reading.report(.truncated, at: octets.startIndex)
            return message
        }
        message.key = key
        message.attributes = TNEFAttribute.all(&cursor, &reading)
        message.codePage = codePage(message.attributes)
        var state = TNEFMessageBuilder(message)
        for attribute in message.attributes {
            if attribute.isOfAttachment {
                state.readAttachment(attribute, &reading)
            } else {
                state.read(attribute, &reading)
            }
        }
        return state.message(&reading) { octets, reading in
            // An object may hold anything; only what looks like a message is one.
            guard isTNEF(octets) else {
                reading.report(.noSignature, at: octets.startIndex)
                return nil
            }
            guard depth < reading.depth else {
                reading.report(.tooDeep, at: octets.startIndex)
                return nil
            }
            return self.message(octets, depth: depth + 1, &reading)
        }
    }

    /// The code page comes before any text, but not in all streams.
    private static func codePage(_ attributes: [TNEFAttribute]) -> Int {
        let attribute = attributes.first { $0.tag == TNEFAttribute.Tag.codePage && !$0.isOfAttachment }
        var cursor = TNEFCursor(attribute?.octets ?? [])
        guard let page = cursor.uint32(), page > 0, page <= 65_535 else { return TNEFCodePage.windows1252 }
        return Int(page)
    }
}
