/// Decodes a body of any Content-Transfer-Encoding (RFC 2045 section 6), in pieces of any size.
struct TransferDecoder {
    private enum Method {
        case identity, base64(Base64Decoder), quotedPrintable(QuotedPrintableDecoder), uuencode(UUDecoder)
    }

    private var method: Method
    private let isKnown: Bool

    init(_ encoding: TransferEncoding) {
        isKnown = encoding.isKnown
        method =
            switch encoding.method {
            case .identity, .unknown: .identity
            case .base64: .base64(Base64Decoder())
            case .quotedPrintable: .quotedPrintable(QuotedPrintableDecoder())
            case .uuencode: .uuencode(UUDecoder())
            }
    }

    /// What was wrong so far.
    var defects: TransferDefects {
        switch method {
        case .identity: isKnown ? [] : .unknownEncoding
        case .base64(let decoder): decoder.defects
        case .quotedPrintable(let decoder): decoder.defects
        case .uuencode(let decoder): decoder.defects
        }
    }

    /// Appends what a piece decodes to.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        switch method {
        case .identity: output.append(contentsOf: input)
        case .base64(var decoder):
            decoder.decode(input, into: &output)
            method = .base64(decoder)
        case .quotedPrintable(var decoder):
            // Not shared while it changes: it holds an array.
            method = .identity
            decoder.decode(input, into: &output)
            method = .quotedPrintable(decoder)
        case .uuencode(var decoder):
            method = .identity
            decoder.decode(input, into: &output)
            method = .uuencode(decoder)
        }
    }

    /// The input is complete: appends what is left.
    mutating func finish(into output: inout [UInt8]) {
        switch method {
        case .identity: break
        case .base64(var decoder):
            decoder.finish(into: &output)
            method = .base64(decoder)
        case .quotedPrintable(var decoder):
            decoder.finish(into: &output)
            method = .quotedPrintable(decoder)
        case .uuencode(var decoder):
            decoder.finish(into: &output)
            method = .uuencode(decoder)
        }
    }
}
