/// BODY and BODYSTRUCTURE (RFC 3501 section 7.4.2).
enum IMAPBodyStructure {
    /// - Parameter isExtended: Whether it is BODYSTRUCTURE.
    static func make(_ part: IMAPPart, _ octets: [UInt8], isExtended: Bool, size: UInt64? = nil) -> [UInt8] {
        var output: [UInt8] = [IMAPText.open]
        if part.isMultipart {
            for child in part.children { output += make(child, octets, isExtended: isExtended) }
            output.append(IMAPText.space)
            IMAPText.append(string: Array(part.subtype.utf8), to: &output)
            if isExtended {
                output.append(IMAPText.space)
                append(part.type.parameters, to: &output)
            }
        } else {
            appendSingle(part, octets, isExtended, size, to: &output)
        }
        if isExtended { appendExtension(part, octets, to: &output) }
        output.append(IMAPText.close)
        return output
    }

    private static func appendSingle(
        _ part: IMAPPart,
        _ octets: [UInt8],
        _ isExtended: Bool,
        _ size: UInt64?,
        to output: inout [UInt8]
    ) {
        IMAPText.append(string: Array(part.mainType.utf8), to: &output)
        output.append(IMAPText.space)
        IMAPText.append(string: Array(part.subtype.utf8), to: &output)
        output.append(IMAPText.space)
        append(part.type.parameters, to: &output)
        for name in ["content-id", "content-description"] {
            output.append(IMAPText.space)
            IMAPText.append(string: part.header.value(name, in: octets), to: &output)
        }
        output.append(IMAPText.space)
        let encoding = part.header.value("content-transfer-encoding", in: octets) ?? Array("7BIT".utf8)
        IMAPText.append(string: Array(String(decoding: encoding, as: UTF8.self).uppercased().utf8), to: &output)
        IMAPText.append(" \(size ?? UInt64(part.body.count))", to: &output)
        if part.isMessage, let message = part.children.first {
            output.append(IMAPText.space)
            output += IMAPEnvelope.make(message.header, octets)
            output.append(IMAPText.space)
            output += make(message, octets, isExtended: isExtended)
            IMAPText.append(" \(lines(octets, part.body))", to: &output)
        } else if part.mainType == "TEXT" {
            IMAPText.append(" \(lines(octets, part.body))", to: &output)
        }
        if isExtended {
            output.append(IMAPText.space)
            IMAPText.append(string: part.header.value("content-md5", in: octets), to: &output)
        }
    }

    /// Disposition, language and location.
    private static func appendExtension(_ part: IMAPPart, _ octets: [UInt8], to output: inout [UInt8]) {
        output.append(IMAPText.space)
        if let value = part.header.value("content-disposition", in: octets) {
            let disposition = IMAPParameters(value)
            output.append(IMAPText.open)
            IMAPText.append(string: Array(disposition.main.uppercased().utf8), to: &output)
            output.append(IMAPText.space)
            append(disposition.parameters, to: &output)
            output.append(IMAPText.close)
        } else {
            output += IMAPText.none
        }
        for name in ["content-language", "content-location"] {
            output.append(IMAPText.space)
            IMAPText.append(string: part.header.value(name, in: octets), to: &output)
        }
    }

    private static func append(_ parameters: [(name: String, value: [UInt8])], to output: inout [UInt8]) {
        guard !parameters.isEmpty else { return output.append(contentsOf: IMAPText.none) }
        for (index, parameter) in parameters.enumerated() {
            output.append(index == 0 ? IMAPText.open : IMAPText.space)
            IMAPText.append(string: Array(parameter.name.uppercased().utf8), to: &output)
            output.append(IMAPText.space)
            IMAPText.append(string: parameter.value, to: &output)
        }
        output.append(IMAPText.close)
    }

    private static func lines(_ octets: [UInt8], _ range: Range<Int>) -> Int {
        octets.withUnsafeBytes { bytes in
            var count = 0
            var position = range.lowerBound
            while let feed = Octets.first(10, in: bytes, position..<range.upperBound) {
                count += 1
                position = feed + 1
            }
            return count
        }
    }
}
