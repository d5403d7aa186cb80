/// Which fields of a delivery report are about the message, and which about which recipient.
///
/// By RFC 3464 an empty line is before each recipient. Where one is missing, or where there is one too many, the names
/// of the fields tell.
struct DeliveryStatusGroups {
    private(set) var message = ReportFields()
    private(set) var recipients: [ReportFields] = []
    /// What the last recipient has.
    private var seen: Names = []

    init(_ blocks: [[ReportField]]) {
        for block in blocks { add(block) }
    }

    /// Fields that are about one recipient.
    private struct Names: OptionSet {
        var rawValue: UInt16

        static let original = Names(rawValue: 1 << 0)
        static let final = Names(rawValue: 1 << 1)
        static let action = Names(rawValue: 1 << 2)
        static let status = Names(rawValue: 1 << 3)
        static let others = [
            "remote-mta": Names(rawValue: 1 << 4), "diagnostic-code": Names(rawValue: 1 << 5),
            "last-attempt-date": Names(rawValue: 1 << 6), "final-log-id": Names(rawValue: 1 << 7),
            "will-retry-until": Names(rawValue: 1 << 8),
        ]

        init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Nothing for fields that can be anywhere.
        init(_ field: ReportField) {
            self =
                switch field.name.lowercased() {
                case "original-recipient": .original
                case "final-recipient": .final
                case "action": .action
                case "status": .status
                case let name: Self.others[name] ?? []
                }
        }
    }

    private static let messageNames: Set<String> = [
        "original-envelope-id", "reporting-mta", "dsn-gateway", "received-from-mta", "arrival-date",
    ]

    private mutating func add(_ block: [ReportField]) {
        let names = block.map(Names.init)
        let all = names.reduce(into: Names()) { $0.formUnion($1) }
        // What repeats nothing goes on with the recipient before it: the empty line was one too many.
        let isNextPair = all.contains(.original) && seen.contains(.final) && !seen.isDisjoint(with: [.action, .status])
        let isNew = !seen.isDisjoint(with: all) || isNextPair
        // A first recipient behind its empty line; fields of any name can be before those that are known.
        let isFirst =
            recipients.isEmpty && !message.isEmpty && !all.isEmpty
            && !block.contains { Self.messageNames.contains($0.name.lowercased()) }
        if isNew || isFirst { begin() }
        for (index, field) in block.enumerated() {
            let name = names[index]
            guard !name.isEmpty else {
                let isLast = recipients.isEmpty || Self.messageNames.contains(field.name.lowercased())
                if isLast {
                    message.append(field)
                } else {
                    recipients[recipients.count - 1].append(field)
                }
                continue
            }
            let isPair = name == .original && index + 1 < names.count && names[index + 1] == .final
            let beginsNext =
                (name == .original || name == .final) && !seen.isDisjoint(with: name)
                || (isPair && seen.contains(.final))
            if recipients.isEmpty || beginsNext { begin() }
            seen.formUnion(name)
            recipients[recipients.count - 1].append(field)
        }
    }

    private mutating func begin() {
        recipients.append(ReportFields())
        seen = []
    }
}
