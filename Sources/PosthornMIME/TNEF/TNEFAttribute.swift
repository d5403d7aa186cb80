/// An attribute of a TNEF stream as it is ([MS-OXTNEF] section 2.1.3).
public struct TNEFAttribute: Sendable, Hashable {
    /// Whether it belongs to an attachment and not to the message.
    public let isOfAttachment: Bool
    /// The identifier in the lower, the type in the upper 16 bits.
    public let tag: UInt32
    /// The data; fewer octets than the attribute claims if the stream ends in it.
    public let octets: ArraySlice<UInt8>

    /// The attributes that are read. The types in the upper half belong to them: `0x0006` is two attributes.
    enum Tag {
        static let owner: UInt32 = 0x0006_0000
        static let sentFor: UInt32 = 0x0006_0001
        static let dateStart: UInt32 = 0x0003_0006
        static let dateEnd: UInt32 = 0x0003_0007
        static let from: UInt32 = 0x0000_8000
        static let subject: UInt32 = 0x0001_8004
        static let dateSent: UInt32 = 0x0003_8005
        static let dateReceived: UInt32 = 0x0003_8006
        static let messageClass: UInt32 = 0x0007_8008
        static let body: UInt32 = 0x0002_800C
        static let priority: UInt32 = 0x0004_800D
        static let attachData: UInt32 = 0x0006_800F
        static let attachTitle: UInt32 = 0x0001_8010
        static let attachMetaFile: UInt32 = 0x0006_8011
        static let attachCreateDate: UInt32 = 0x0003_8012
        static let attachModifyDate: UInt32 = 0x0003_8013
        static let dateModified: UInt32 = 0x0003_8020
        static let attachTransportFileName: UInt32 = 0x0006_9001
        static let attachRenderingData: UInt32 = 0x0006_9002
        static let messageProperties: UInt32 = 0x0006_9003
        static let recipientTable: UInt32 = 0x0006_9004
        static let attachment: UInt32 = 0x0006_9005
        static let version: UInt32 = 0x0008_9006
        static let codePage: UInt32 = 0x0006_9007
    }

    /// All attributes of a stream, after its signature and key.
    static func all(_ cursor: inout TNEFCursor, _ reading: inout TNEFReading) -> [TNEFAttribute] {
        var attributes: [TNEFAttribute] = []
        while cursor.remaining > 0 {
            let start = cursor.position
            guard reading.attributes > 0 else {
                reading.report(.tooMany, at: start)
                break
            }
            guard let level = cursor.uint8(), level == 1 || level == 2 else {
                // Many a transport ends whatever it carries with a line end or zeros.
                let isEmpty = cursor.octets[start...].allSatisfy { $0 == 0 || $0 == 0x0D || $0 == 0x0A || $0 == 0x20 }
                reading.report(isEmpty ? .trailingOctets : .notAnAttribute, at: start)
                break
            }
            guard let tag = cursor.uint32(), let length = cursor.uint32() else {
                reading.report(.truncated, at: start)
                break
            }
            reading.attributes -= 1
            let count = Int(clamping: length)
            let octets = cursor.takeUp(to: count)
            attributes.append(TNEFAttribute(isOfAttachment: level == 2, tag: tag, octets: octets))
            guard octets.count == count, let checksum = cursor.uint16() else {
                reading.report(.truncated, at: start)
                break
            }
            if checksum != sum(octets) { reading.report(.checksum, at: start) }
        }
        return attributes
    }

    /// The checksum: the sum of the octets, modulo 65,536.
    static func sum(_ octets: ArraySlice<UInt8>) -> UInt16 {
        octets.withUnsafeBufferPointer { source in
            source.reduce(UInt16(0)) { $0 &+ UInt16($1) }
        }
    }
}
