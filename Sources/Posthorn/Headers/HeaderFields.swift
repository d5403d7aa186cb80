/// Header fields in their order. A name may occur more than once.
public struct HeaderFields: Hashable, Sendable {
    private var list: [HeaderField]

    /// No field at all.
    public init() {
        list = []
    }

    /// The given fields.
    public init(_ fields: some Sequence<HeaderField>) {
        list = Array(fields)
    }

    /// The text of the first field of a name. Setting it replaces all fields of that name, in the place of the first;
    /// `nil` removes them.
    public subscript(_ name: HeaderName) -> String? {
        get { list.first { $0.name == name }?.text }
        set {
            if let newValue { replace(HeaderField(name, .text(newValue))) } else { remove(name) }
        }
    }

    /// The texts of all fields of a name.
    public subscript(values name: HeaderName) -> [String] {
        list.filter { $0.name == name }.map(\.text)
    }

    /// All fields of a name.
    public subscript(fields name: HeaderName) -> [HeaderField] {
        list.filter { $0.name == name }
    }

    /// The addresses in all fields of a name; what cannot be read is left out.
    public func addresses(_ name: HeaderName) -> AddressList {
        var all = AddressList()
        for field in list where field.name == name {
            if let addresses = field.value.addresses { all.append(contentsOf: addresses) }
        }
        return all
    }

    /// Whether a field of that name is there.
    public func contains(_ name: HeaderName) -> Bool {
        list.contains { $0.name == name }
    }

    /// Adds a field at the end.
    public mutating func append(_ field: HeaderField) {
        list.append(field)
    }

    /// Adds a field at the end.
    public mutating func append(_ name: HeaderName, _ value: HeaderValue) {
        list.append(HeaderField(name, value))
    }

    /// Adds a field of a name and text at the end.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if the name is not valid.
    public mutating func append(_ name: String, _ text: String) throws {
        list.append(try HeaderField(name, text))
    }

    /// Adds a field before all others.
    public mutating func prepend(_ field: HeaderField) {
        list.insert(field, at: 0)
    }

    /// Puts a field in the place of the first one of its name and removes the others; adds it if there is none.
    public mutating func replace(_ field: HeaderField) {
        guard let index = list.firstIndex(where: { $0.name == field.name }) else {
            list.append(field)
            return
        }
        remove(field.name)
        list.insert(field, at: Swift.min(index, list.count))
    }

    /// Removes all fields of a name.
    public mutating func remove(_ name: HeaderName) {
        list.removeAll { $0.name == name }
    }

    /// Whether one of the fields can be written only where UTF-8 is allowed.
    public var needsUTF8: Bool { list.contains { $0.needsUTF8 } }

    /// All fields as octets, without the empty line that ends a header.
    ///
    /// - Throws: what ``HeaderField/serialized(utf8:)`` throws.
    public func serialized(utf8: Bool) throws -> [UInt8] {
        var octets: [UInt8] = []
        for field in list { octets.append(contentsOf: try field.serialized(utf8: utf8)) }
        return octets
    }
}

extension HeaderFields: RandomAccessCollection {
    /// The first position.
    public var startIndex: Int { list.startIndex }
    /// The position after the last.
    public var endIndex: Int { list.endIndex }
    /// The field at a position.
    public subscript(position: Int) -> HeaderField { list[position] }
}

extension HeaderFields: ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The given fields.
    public init(arrayLiteral elements: HeaderField...) {
        list = elements
    }

    /// One field a line, safe to be shown.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}
