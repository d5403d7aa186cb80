/// Reads lists of properties as attributes hold them ([MS-OXTNEF] section 2.1.3.4).
enum MAPIPropertyReader {
    /// A count and as many properties; what can be read of them.
    static func list(_ cursor: inout TNEFCursor, codePage: Int, _ reading: inout TNEFReading) -> (
        properties: MAPIProperties, isComplete: Bool
    ) {
        let start = cursor.position
        guard let count = cursor.uint32() else {
            reading.report(.truncated, at: start)
            return (MAPIProperties(), false)
        }
        // A property has four octets at least.
        let possible = min(Int(clamping: count), cursor.remaining / 4)
        if possible < count { reading.report(.impossibleCount, at: start) }
        var properties: [MAPIProperty] = []
        properties.reserveCapacity(min(possible, reading.properties))
        for _ in 0..<possible {
            guard reading.properties > 0 else {
                reading.report(.tooMany, at: cursor.position)
                return (MAPIProperties(properties), false)
            }
            if possible < count, cursor.remaining == 0 { break }
            reading.properties -= 1
            guard let property = property(&cursor, codePage: codePage, &reading) else {
                return (MAPIProperties(properties), false)
            }
            properties.append(property.property)
            if !property.isComplete { return (MAPIProperties(properties), false) }
        }
        return (MAPIProperties(properties), possible == count)
    }

    /// A table of recipients: a count and as many lists.
    static func rows(_ cursor: inout TNEFCursor, codePage: Int, _ reading: inout TNEFReading) -> [MAPIProperties] {
        let start = cursor.position
        guard let count = cursor.uint32() else {
            reading.report(.truncated, at: start)
            return []
        }
        let possible = min(Int(clamping: count), cursor.remaining / 4)
        if possible < count { reading.report(.impossibleCount, at: start) }
        var rows: [MAPIProperties] = []
        for _ in 0..<possible {
            // A row without properties costs, too.
            guard reading.properties > 0 else {
                reading.report(.tooMany, at: cursor.position)
                return rows
            }
            reading.properties -= 1
            let (properties, isComplete) = list(&cursor, codePage: codePage, &reading)
            if isComplete || !properties.isEmpty { rows.append(properties) }
            // Where the next one begins, nobody knows.
            if !isComplete { return rows }
        }
        return rows
    }

    private static func property(_ cursor: inout TNEFCursor, codePage: Int, _ reading: inout TNEFReading) -> (
        property: MAPIProperty, isComplete: Bool
    )? {
        let start = cursor.position
        guard let type = cursor.uint16(), let id = cursor.uint16() else {
            reading.report(.truncated, at: start)
            return nil
        }
        let tag = MAPIPropertyTag(MAPIPropertyID(rawValue: id), MAPIPropertyType(rawValue: type))
        var name: MAPIPropertyName?
        if tag.id.isNamed {
            name = self.name(&cursor, &reading)
            guard name != nil else { return nil }
        }
        let (values, isComplete) = values(&cursor, tag.type, &reading)
        if values.isEmpty, !isComplete { return nil }
        if [.time, .floatingTime].contains(tag.type) {
            let property = MAPIProperty(tag: tag, name: name, values: values, texts: [])
            if property.date == nil { reading.report(.invalidDate, at: start) }
            return (property, isComplete)
        }
        let texts = texts(values, tag.type.single, codePage: codePage, reading.decode)
        return (MAPIProperty(tag: tag, name: name, values: values, texts: texts), isComplete)
    }

    private static func name(_ cursor: inout TNEFCursor, _ reading: inout TNEFReading) -> MAPIPropertyName? {
        let start = cursor.position
        guard let octets = cursor.take(16), let set = MAPIGUID(octets), let kind = cursor.uint32(),
            let number = cursor.uint32()
        else {
            reading.report(.truncated, at: start)
            return nil
        }
        if kind == 0 { return MAPIPropertyName(set: set, number: number) }
        if kind != 1 { reading.report(.malformed, at: start) }
        guard let text = cursor.take(Int(clamping: number)) else {
            reading.report(.truncated, at: start)
            return nil
        }
        cursor.skipPadding(after: text.count)
        let decoded = reading.decode(TNEFCodePage.utf16, TNEFCodePage.withoutWideTerminator(text))
        return MAPIPropertyName(set: set, text: decoded)
    }

    private static func values(_ cursor: inout TNEFCursor, _ type: MAPIPropertyType, _ reading: inout TNEFReading) -> (
        values: [ArraySlice<UInt8>], isComplete: Bool
    ) {
        let start = cursor.position
        guard type.fixedWidth != nil || type.isCounted else {
            reading.report(.unknownPropertyType, at: start)
            return ([], false)
        }
        var count = 1
        // Values that say how long they are come as a list even if there is one only.
        if type.isMultiple || type.isCounted {
            guard let value = cursor.uint32() else {
                reading.report(.truncated, at: start)
                return ([], false)
            }
            count = Int(clamping: value)
        }
        let width = type.fixedWidth
        let possible = width == 0 ? min(count, 1) : min(count, cursor.remaining / (width ?? 4), reading.properties + 1)
        var values: [ArraySlice<UInt8>] = []
        values.reserveCapacity(possible)
        for _ in 0..<possible {
            if let width {
                guard let value = cursor.take(width) else { break }
                values.append(value)
                continue
            }
            guard let length = cursor.uint32() else { break }
            guard let value = cursor.take(Int(clamping: length)) else {
                reading.report(.truncated, at: start)
                values.append(cursor.takeUp(to: cursor.remaining))
                return (values, false)
            }
            cursor.skipPadding(after: value.count)
            values.append(value)
        }
        reading.properties -= max(0, min(values.count - 1, reading.properties))
        guard values.count < count, width != 0 else { return (values, true) }
        let isTruncated = possible == cursor.remaining / (width ?? 4) || values.count < possible || !type.isMultiple
        reading.report(isTruncated ? .truncated : .tooMany, at: start)
        return (values, false)
    }

    private static func texts(
        _ values: [ArraySlice<UInt8>],
        _ type: MAPIPropertyType,
        codePage: Int,
        _ decode: TNEFCodePage.Decoding
    ) -> [String] {
        switch type {
        case .string8: values.map { decode(codePage, TNEFCodePage.withoutTerminator($0)) }
        case .string: values.map { decode(TNEFCodePage.utf16, TNEFCodePage.withoutWideTerminator($0)) }
        default: []
        }
    }
}
