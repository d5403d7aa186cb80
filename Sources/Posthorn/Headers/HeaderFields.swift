/// Header fields in their order. A name may occur more than once.
public struct HeaderFields: Hashable, Sendable {
    /// The fields that were made here.
    private var made: [HeaderField]
    /// The fields instead of ``made`` as long as nobody has changed one.
    private var unread: UnreadHeader?

    private var list: [HeaderField] { unread?.fields ?? made }

    /// Before a change.
    private mutating func load() {
        guard let unread else { return }
        made = unread.fields
        self.unread = nil
    }

    /// No field at all.
    public init() {
        made = []
    }

    /// The given fields.
    public init(_ fields: some Sequence<HeaderField>) {
        made = Array(fields)
    }

    /// The fields of a header that are made when somebody asks for them.
    init(_ unread: UnreadHeader) {
        made = []
        self.unread = unread
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
        load()
        made.append(field)
    }

    /// Adds a field at the end.
    public mutating func append(_ name: HeaderName, _ value: HeaderValue) {
        load()
        made.append(HeaderField(name, value))
    }

    /// Adds a field of a name and text at the end.
    ///
    /// - Throws: ``MailError`` with code `invalid-message` if the name is not valid.
    public mutating func append(_ name: String, _ text: String) throws {
        load()
        made.append(try HeaderField(name, text))
    }

    /// Adds a field before all others.
    public mutating func prepend(_ field: HeaderField) {
        load()
        made.insert(field, at: 0)
    }

    /// Puts a field in the place of the first one of its name and removes the others; adds it if there is none.
    public mutating func replace(_ field: HeaderField) {
        load()
        guard let index = made.firstIndex(where: { $0.name == field.name }) else {
            made.append(field)
            return
        }
        remove(field.name)
        made.insert(field, at: Swift.min(index, made.count))
    }

    /// Removes all fields of a name.
    public mutating func remove(_ name: HeaderName) {
        load()
        made.removeAll { $0.name == name }
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

extension HeaderFields {
    /// The same fields in the same order.
    public static func == (left: HeaderFields, right: HeaderFields) -> Bool { left.list == right.list }

    /// Fits `==`.
    public func hash(into hasher: inout Hasher) { hasher.combine(list) }
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
        made = elements
    }

    /// One field a line, safe to be shown.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}
