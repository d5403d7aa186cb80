/// One field of a report.
public struct ReportField: Hashable, Sendable, CustomStringConvertible {
    /// The name as the report has it; empty for text that belongs to no field.
    public var name: String
    /// The text, its lines joined by spaces, without white space at both ends. What was not UTF-8 is U+FFFD.
    public var value: String

    /// Creates a field.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// `Name: value`
    public var description: String { "\(name): \(value)" }

    /// Whether the field has that name, in whatever case. Names are ASCII.
    func isNamed(_ other: String) -> Bool {
        name.utf8.count == other.utf8.count
            && zip(name.utf8, other.utf8).allSatisfy { ASCIIText.lowered($0) == ASCIIText.lowered($1) }
    }
}

/// The fields of a report, or of one group of it, in their order. A name may occur more than once.
public struct ReportFields: Hashable, Sendable, RandomAccessCollection {
    private var list: [ReportField]

    /// The given fields.
    public init(_ fields: [ReportField] = []) {
        list = fields
    }

    /// The value of the first field of a name, in whatever case; `nil` if there is none.
    public subscript(_ name: String) -> String? {
        list.first { $0.isNamed(name) }?.value
    }

    /// The values of all fields of a name, in whatever case.
    public func values(_ name: String) -> [String] {
        list.filter { $0.isNamed(name) }.map(\.value)
    }

    /// The value of the first field of a name that says something.
    func text(_ name: String) -> String? {
        list.first { $0.isNamed(name) && !$0.value.isEmpty }?.value
    }

    /// The values of all fields of a name that say something.
    func texts(_ name: String) -> [String] {
        values(name).filter { !$0.isEmpty }
    }

    mutating func append(_ field: ReportField) {
        list.append(field)
    }

    /// The first position.
    public var startIndex: Int { list.startIndex }
    /// The position after the last.
    public var endIndex: Int { list.endIndex }
    /// The field at a position.
    public subscript(position: Int) -> ReportField { list[position] }
}
