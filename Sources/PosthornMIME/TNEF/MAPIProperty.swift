/// A property of a message, an attachment or a recipient ([MS-OXTNEF] section 2.1.3.4).
public struct MAPIProperty: Sendable, Hashable {
    /// The identifier and the type.
    public let tag: MAPIPropertyTag
    /// The name, for identifiers from 0x8000 on.
    public let name: MAPIPropertyName?
    /// The values as they are in the stream, without what fills them up: one, or any number of a list.
    public let values: [ArraySlice<UInt8>]
    /// The values as text, for types of text; else empty.
    public let texts: [String]

    /// The octets of the first value, of whatever type.
    public var octets: ArraySlice<UInt8>? { values.first }

    /// The first value of a text.
    public var text: String? { texts.first }

    /// The first value of a type of whole numbers, booleans and error codes with them; currency in ten-thousandths.
    public var integer: Int64? {
        guard let bits = integerBits else { return nil }
        return switch tag.type.single {
        case .integer16: Int64(Int16(truncatingIfNeeded: bits))
        case .integer32, .errorCode: Int64(Int32(truncatingIfNeeded: bits))
        case .integer64, .currency: Int64(bitPattern: bits)
        case .boolean: bits & 0xFFFF == 0 ? 0 : 1
        default: nil
        }
    }

    /// The first value of a boolean.
    public var boolean: Bool? {
        tag.type.single == .boolean ? integer.map { $0 != 0 } : nil
    }

    /// The first value of a type of numbers.
    public var number: Double? {
        guard let bits = integerBits else { return nil }
        return switch tag.type.single {
        case .floating32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .floating64: Double(bitPattern: bits)
        case .currency: Double(Int64(bitPattern: bits)) / 10_000
        default: integer.map { Double($0) }
        }
    }

    /// The first value of a time.
    public var date: TNEFDate? {
        guard let bits = integerBits else { return nil }
        return switch tag.type.single {
        case .time: TNEFDate(fileTime: bits)
        case .floatingTime: TNEFDate(applicationTime: Double(bitPattern: bits))
        default: nil
        }
    }

    /// The first value of a GUID.
    public var guid: MAPIGUID? {
        tag.type.single == .guid ? octets.flatMap { MAPIGUID($0) } : nil
    }

    /// The interface of an object, with which its octets begin.
    public var interface: MAPIGUID? {
        tag.type.single == .object ? octets.flatMap { MAPIGUID($0.prefix(16)) } : nil
    }

    /// The octets of the first value; of an object, those after the interface.
    var content: ArraySlice<UInt8>? {
        interface == nil ? octets : octets?.dropFirst(16)
    }

    /// The first value's octets as a number, if it is of a fixed width up to eight octets and all of it is there.
    private var integerBits: UInt64? {
        guard let octets, let width = tag.type.fixedWidth, width <= 8, octets.count == width, width > 0 else {
            return nil
        }
        return octets.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The properties of something, in the order of the stream.
public struct MAPIProperties: Sendable, Hashable, RandomAccessCollection {
    private let list: [MAPIProperty]

    init(_ list: [MAPIProperty] = []) {
        self.list = list
    }

    /// Zero.
    public var startIndex: Int { list.startIndex }
    /// The number of properties.
    public var endIndex: Int { list.endIndex }
    /// The property at a position, which must be one of the indices.
    public subscript(position: Int) -> MAPIProperty { list[position] }

    /// The first property with an identifier, of whatever type.
    public subscript(id: MAPIPropertyID) -> MAPIProperty? {
        list.first { $0.tag.id == id }
    }

    /// The first property with an identifier and a type.
    public subscript(tag: MAPIPropertyTag) -> MAPIProperty? {
        list.first { $0.tag == tag }
    }

    /// The first property with a name.
    public subscript(name: MAPIPropertyName) -> MAPIProperty? {
        list.first { $0.name == name }
    }

    func text(_ id: MAPIPropertyID) -> String? {
        list.first { $0.tag.id == id && !$0.texts.isEmpty }?.text
    }

    func integer(_ id: MAPIPropertyID) -> Int64? {
        self[id]?.integer
    }
}
