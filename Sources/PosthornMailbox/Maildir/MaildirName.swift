import Posthorn

/// What the name of a message's file says: `1700000000.M5P7Q1.host,S=1234:2,FS` is the message
/// `1700000000.M5P7Q1.host,S=1234` with the flags F and S. Names of other programs are as they are; every one is read.
struct MaildirName {
    /// The name without the flags; it stays the same as long as the message is there.
    let id: StoredMessage.ID
    /// The octets of that part.
    let base: ArraySlice<CChar>
    /// The letters behind `:2,`; empty if there are none, or another kind of information.
    let letters: [UInt8]
    /// Whether what stands behind the base is just what we would write for these letters.
    let isPlain: Bool

    /// - Parameter name: the name and the NUL behind it.
    init(_ name: FileName) {
        let name = name.last == 0 ? name.dropLast() : name[...]
        let colon = name.firstIndex(of: CChar(bitPattern: UInt8(ascii: ":"))) ?? name.endIndex
        base = name[..<colon]
        id = Self.id(of: base)
        let info = name[colon...].dropFirst().map { UInt8(bitPattern: $0) }
        guard info.starts(with: "2,".utf8) else {
            letters = []
            isPlain = false
            return
        }
        letters = Self.sorted(info.dropFirst(2))
        isPlain = info.dropFirst(2).elementsEqual(letters)
    }

    /// The base as text; octets that are no UTF-8 are shown as `\xHH`.
    static func id(of base: ArraySlice<CChar>) -> StoredMessage.ID {
        let octets = base.lazy.map { UInt8(bitPattern: $0) }
        if let text = String(validating: octets, as: UTF8.self) { return StoredMessage.ID(text) }
        var text = ""
        for octet in octets {
            if octet < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                text += "\\x" + String(octet, radix: 16, uppercase: true)
            }
        }
        return StoredMessage.ID(text)
    }

    /// Letters in the order of ASCII, each once, as the rules of Maildir want them. Nothing that is no letter is kept.
    static func sorted(_ letters: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for letter in letters.sorted() where isLetter(letter) && result.last != letter { result.append(letter) }
        return result
    }

    private static func isLetter(_ octet: UInt8) -> Bool {
        (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
    }

    /// The file's name in `cur` with other letters.
    func name(withLetters letters: [UInt8]) -> FileName {
        base + ":2,".utf8.map { CChar(bitPattern: $0) } + Self.sorted(letters).map { CChar(bitPattern: $0) } + [0]
    }

    /// The size that the name tells (`,S=1234`), if it does.
    var size: UInt64? {
        var digits: UInt64?
        for field in base.split(separator: CChar(bitPattern: UInt8(ascii: ","))).dropFirst() {
            guard field.prefix(2).elementsEqual("S=".utf8.lazy.map { CChar(bitPattern: $0) }) else { continue }
            digits = Self.number(field.dropFirst(2))
        }
        return digits
    }

    /// A number of decimal digits alone; `nil` if it is none or too great.
    private static func number(_ digits: ArraySlice<CChar>) -> UInt64? {
        guard !digits.isEmpty, digits.count < 20 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let octet = UInt8(bitPattern: digit)
            guard (0x30...0x39).contains(octet) else { return nil }
            value = value &* 10 &+ UInt64(octet & 0x0F)
        }
        return value
    }

    /// Where a message stands among others: by the second of its delivery, the microsecond (`M`) and the number within
    /// the delivering process (`Q`), as far as the name tells them.
    struct Age: Comparable {
        var second: UInt64 = 0
        var microsecond: UInt64 = 0
        var number: UInt64 = 0

        static func < (left: Age, right: Age) -> Bool {
            (left.second, left.microsecond, left.number) < (right.second, right.microsecond, right.number)
        }
    }

    /// The age that the name tells.
    var age: Age {
        var age = Age()
        let parts = base.split(separator: CChar(bitPattern: UInt8(ascii: ".")), maxSplits: 2)
        guard let first = parts.first, let second = Self.number(first) else { return age }
        age.second = second
        guard parts.count > 1 else { return age }
        var index = parts[1].startIndex
        while index < parts[1].endIndex {
            let letter = UInt8(bitPattern: parts[1][index])
            index += 1
            guard letter == UInt8(ascii: "M") || letter == UInt8(ascii: "Q") else { continue }
            let digits = parts[1][index...].prefix { (0x30...0x39).contains($0) }
            guard let value = Self.number(digits) else { continue }
            if letter == UInt8(ascii: "M") { age.microsecond = value } else { age.number = value }
        }
        return age
    }
}

/// The flags of messages as letters of file names.
enum MaildirFlags {
    private static let known: [(letter: UInt8, flag: MessageFlag)] = [
        (UInt8(ascii: "D"), .draft), (UInt8(ascii: "F"), .flagged), (UInt8(ascii: "P"), MessageFlag("$Forwarded")),
        (UInt8(ascii: "R"), .answered), (UInt8(ascii: "S"), .seen), (UInt8(ascii: "T"), MessageFlag("\\Deleted")),
    ]

    /// The flags of letters. Letters that nobody agreed on (keywords of Dovecot) are left out.
    static func flags(_ letters: some Sequence<UInt8>) -> Set<MessageFlag> {
        Set(letters.compactMap { letter in known.first { $0.letter == letter }?.flag })
    }

    /// The letters that are not flags: they are kept whatever is set.
    static func foreign(_ letters: [UInt8]) -> [UInt8] {
        letters.filter { letter in !known.contains { $0.letter == letter } }
    }

    /// The letters of flags.
    ///
    /// - Throws: ``MailError`` with code `unsupported` if a Maildir cannot keep one of them. `\Recent` is no flag that
    ///   can be kept, and is passed over.
    static func letters(_ flags: Set<MessageFlag>) throws -> [UInt8] {
        var letters: [UInt8] = []
        for flag in flags {
            let name = flag.description.lowercased()
            if let match = known.first(where: { $0.flag.description.lowercased() == name }) {
                letters.append(match.letter)
            } else if name != "\\recent" {
                throw MailError(
                    .unsupported,
                    "a Maildir keeps the flags \\Draft, \\Flagged, \\Answered, \\Seen, \\Deleted and $Forwarded; "
                        + "leave '\(PeerText.shown(flag.description, limit: 80))' out"
                )
            }
        }
        return letters
    }
}
