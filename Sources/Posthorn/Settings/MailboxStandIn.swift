extension Mailbox {
    /// A mailbox of its text: `Name <local@domain>` or `local@domain`.
    init(_ text: String) throws {
        let trimmed = text.trimmed
        guard trimmed.hasSuffix(">"), let open = trimmed.lastIndex(of: "<") else {
            self.init(name: nil, address: try EmailAddress(trimmed))
            return
        }
        let address = trimmed[trimmed.index(after: open)...].dropLast()
        let name = String(trimmed[..<open]).trimmed
        self.init(name: name.isEmpty ? nil : name, address: try EmailAddress(String(address)))
    }
}
