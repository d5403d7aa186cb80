/// Character sets of seven bits that switch between ASCII and pairs of octets, brought into the eight-bit form that
/// the system's converter takes: it does not know all of them, and rejects characters that mail has in others.
struct EscapedOctets {
    /// How a character set switches.
    enum Kind {
        /// HZ (RFC 1843), brought into EUC-CN.
        case hz
        /// ISO-2022-JP (RFC 1468, RFC 2237), brought into EUC-JP.
        case japanese
        /// ISO-2022-KR (RFC 1557), brought into EUC-KR.
        case korean
    }

    private enum Mode {
        case ascii, pairs, supplement, katakana
    }

    private let kind: Kind
    private var mode = Mode.ascii
    /// No character in any of the three, so that the converter puts U+FFFD there.
    private static let invalid: UInt8 = 0xFF

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// Appends the eight-bit form. Returns how many octets were used; the rest is cut within a character or escape.
    mutating func translate(_ octets: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], isLast: Bool) -> Int {
        output.reserveCapacity(output.count + octets.count)
        var position = 0
        while position < octets.count {
            let octet = octets[position]
            if octet == 0x0A || octet == 0x0D {
                // Every line begins in ASCII, in all three.
                mode = .ascii
                output.append(octet)
                position += 1
                continue
            }
            if let used = readSwitch(octets, at: position, into: &output) {
                guard used > 0 || isLast else { return position }
                if used == 0 { output.append(Self.invalid) }
                position += used > 0 ? used : octets.count - position
                continue
            }
            switch mode {
            case .ascii:
                // Eight-bit octets come from programs that forget to encode. In Japanese nobody can tell what they are.
                output.append(octet < 0x80 || kind != .japanese ? octet : Self.invalid)
                position += 1
            case .katakana:
                if (0x21...0x5F).contains(octet & 0x7F) {
                    output.append(0x8E)
                    output.append(octet | 0x80)
                } else {
                    output.append(octet <= 0x20 ? octet : Self.invalid)
                }
                position += 1
            case .pairs, .supplement:
                guard octet > 0x20 else {
                    output.append(octet)
                    position += 1
                    continue
                }
                guard position + 1 < octets.count else {
                    guard isLast else { return position }
                    output.append(Self.invalid)
                    return octets.count
                }
                let second = octets[position + 1]
                guard second & 0x7F > 0x20, octet & 0x7F != 0x7F, second & 0x7F != 0x7F else {
                    output.append(Self.invalid)
                    position += 1
                    continue
                }
                if mode == .supplement { output.append(0x8F) }
                output.append(octet | 0x80)
                output.append(second | 0x80)
                position += 2
            }
        }
        return position
    }

    /// Reads what switches the mode: its length, 0 if it is cut, `nil` if there is none.
    private mutating func readSwitch(
        _ octets: UnsafeBufferPointer<UInt8>,
        at position: Int,
        into output: inout [UInt8]
    ) -> Int? {
        switch (kind, octets[position]) {
        case (.hz, UInt8(ascii: "~")):
            guard position + 1 < octets.count else { return 0 }
            switch octets[position + 1] {
            case UInt8(ascii: "{"): mode = .pairs
            case UInt8(ascii: "}"): mode = .ascii
            case UInt8(ascii: "~") where mode == .ascii: output.append(UInt8(ascii: "~"))
            case 0x0A where mode == .ascii: break
            default: return nil
            }
            return 2
        case (.korean, 0x0E):
            mode = .pairs
            return 1
        case (.japanese, 0x0E):
            mode = .katakana
            return 1
        case (.korean, 0x0F), (.japanese, 0x0F):
            mode = .ascii
            return 1
        case (.korean, 0x1B), (.japanese, 0x1B):
            let known = kind == .korean ? Self.koreanEscapes : Self.japaneseEscapes
            for (escape, mode) in known {
                let there = octets[position...].prefix(escape.count)
                if there.elementsEqual(escape) {
                    if let mode { self.mode = mode }
                    return escape.count
                }
                if there.count < escape.count, escape.starts(with: there) { return 0 }
            }
            output.append(Self.invalid)
            return 1
        default:
            return nil
        }
    }

    private static let koreanEscapes: [([UInt8], Mode?)] = [(Array("\u{1B}$)C".utf8), nil)]

    /// JIS X 0201 Roman counts as ASCII: its yen sign stands where paths have their backslash.
    private static let japaneseEscapes: [([UInt8], Mode?)] = [
        (Array("\u{1B}$B".utf8), .pairs), (Array("\u{1B}(B".utf8), .ascii), (Array("\u{1B}(J".utf8), .ascii),
        (Array("\u{1B}$@".utf8), .pairs), (Array("\u{1B}(I".utf8), .katakana), (Array("\u{1B}(H".utf8), .ascii),
        (Array("\u{1B}$(D".utf8), .supplement), (Array("\u{1B}$(B".utf8), .pairs),
        (Array("\u{1B}$(@".utf8), .pairs), (Array("\u{1B}&@".utf8), nil),
    ]
}
