/// A GUID, which names property sets and interfaces ([MS-DTYP] section 2.3.4).
public struct MAPIGUID: Sendable, Hashable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// The 16 octets in the order of the wire: the first three fields are little-endian.
    init?(_ octets: ArraySlice<UInt8>) {
        guard octets.count == 16 else { return nil }
        high = octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A GUID that the sources spell out: the fields as they are written.
    private init(_ first: UInt32, _ second: UInt16 = 0, _ third: UInt16 = 0, _ rest: UInt64 = 0xC000_0000_0000_0046) {
        high =
            UInt64(first.byteSwapped) << 32 | UInt64(second.byteSwapped) << 16 | UInt64(third.byteSwapped)
        low = rest
    }

    /// `00020329-0000-0000-C000-000000000046`
    public var description: String {
        let first = UInt32(truncatingIfNeeded: high >> 32).byteSwapped
        let second = UInt16(truncatingIfNeeded: high >> 16).byteSwapped
        let third = UInt16(truncatingIfNeeded: high).byteSwapped
        return [
            Self.hex(UInt64(first), 8), Self.hex(UInt64(second), 4), Self.hex(UInt64(third), 4),
            Self.hex(low >> 48, 4), Self.hex(low & 0xFFFF_FFFF_FFFF, 12),
        ].joined(separator: "-")
    }

    private static func hex(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Names that anyone may define ([MS-OXPROPS] section 1.3.2, PS_PUBLIC_STRINGS).
    public static let publicStrings = MAPIGUID(0x0002_0329)
    /// Properties of all kinds of objects (PSETID_Common).
    public static let common = MAPIGUID(0x0006_2008)
    /// Appointments (PSETID_Appointment).
    public static let appointment = MAPIGUID(0x0006_2002)
    /// Tasks (PSETID_Task).
    public static let task = MAPIGUID(0x0006_2003)
    /// Contacts (PSETID_Address).
    public static let address = MAPIGUID(0x0006_2004)
    /// Meetings (PSETID_Meeting).
    public static let meeting = MAPIGUID(0x6ED8_DA90, 0x450B, 0x101B, 0x98DA_00AA_003F_1305)
    /// Fields of an Internet message's header (PS_INTERNET_HEADERS).
    public static let internetHeaders = MAPIGUID(0x0002_0386)

    /// The interface of a message: the object is a TNEF stream ([MS-OXTNEF] section 2.1.3.4).
    static let messageInterface = MAPIGUID(0x0002_0307)
    /// The interface of an OLE storage.
    static let storageInterface = MAPIGUID(0x0000_000B)
}
