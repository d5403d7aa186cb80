import Synchronization

/// The characters of a character set that has one octet for each, ASCII in its lower half.
struct SingleByteTable: Sendable {
    /// The characters of the octets from 0x80 on; 0 for those that are none.
    private let scalars: [UInt32]

    private init(_ scalars: [UInt32]) {
        self.scalars = scalars
    }

    /// windows-1252 as the Encoding Standard has it: the five octets without a character are the controls of ISO 8859-1.
    static let windows1252 = SingleByteTable(
        [
            0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D,
            0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A,
            0x153, 0x9D, 0x17E, 0x178,
        ] + (0xA0...0xFF)
    )

    /// `x-user-defined` of the Encoding Standard.
    static let userDefined = SingleByteTable(Array(0xF780...0xF7FF))

    private static let known = Mutex<[String: SingleByteTable]>([:])

    /// The table of a character set, asked from the system once; `nil` if the system knows none of the names.
    static func named(_ name: String, system names: [String]) -> SingleByteTable? {
        if let table = known.withLock({ $0[name] }) { return table }
        guard let converter = SystemConverter.take(names) else { return nil }
        defer { SystemConverter.giveBack(converter) }
        let isWindows = name.hasPrefix("windows-")
        let scalars = (UInt8(0x80)...0xFF).map { octet -> UInt32 in
            var text: [UInt8] = []
            var errors = 0
            _ = [octet].withUnsafeBufferPointer {
                converter.convert($0, into: &text, errors: &errors, isDoubleByte: false, isLast: true) { _ in nil }
            }
            converter.finish(into: &text)
            let scalar = String(decoding: text, as: UTF8.self).unicodeScalars.first?.value ?? 0
            guard errors > 0 || scalar == 0 else { return scalar }
            return isWindows && octet < 0xA0 ? UInt32(octet) : 0
        }
        let table = SingleByteTable(scalars)
        known.withLock { $0[name] = table }
        return table
    }

    /// Appends the octets as UTF-8. Returns how many of them are no characters.
    func decode(_ octets: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Int {
        var errors = 0
        var position = 0
        output.reserveCapacity(output.count + octets.count + octets.count / 4)
        while position < octets.count {
            let octet = octets[position]
            if octet < 0x80 {
                let end = OctetRuns.asciiEnd(octets, from: position)
                output.append(contentsOf: UnsafeBufferPointer(rebasing: octets[position..<end]))
                position = end
                continue
            }
            let scalar = scalars[Int(octet) - 0x80]
            if scalar == 0 { errors += 1 }
            UTF8Sequences.append(scalar == 0 ? 0xFFFD : scalar, to: &output)
            position += 1
        }
        return errors
    }
}
