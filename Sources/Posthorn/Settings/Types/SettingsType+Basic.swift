extension SettingsType where Value == String {
    /// One line of text, not empty. NUL, CR and LF are refused.
    public static var string: Self { string(allowsEmpty: false) }

    /// One line of text. NUL, CR and LF are refused.
    public static func string(allowsEmpty: Bool) -> Self {
        SettingsType(scalar: "text", example: "text", describe: { $0 }) { text, _, _ in
            if !allowsEmpty, text.isEmpty {
                throw SettingsError("the text is empty; write one, or leave the key out")
            }
            // Unicode scalars: CR LF is one character.
            if text.unicodeScalars.contains(where: { $0 == "\0" || $0 == "\r" || $0 == "\n" }) {
                throw SettingsError("\(SettingsText.shown(text)) holds a line break or NUL; write one line of text")
            }
            return text
        }
    }
}

extension SettingsType where Value == Int {
    /// A whole number.
    public static func integer(_ range: ClosedRange<Int>) -> Self {
        let name = "number from \(range.lowerBound) to \(range.upperBound)"
        return SettingsType(
            scalar: name,
            example: String(range.lowerBound),
            isPlain: true,
            describe: { String($0) },
            parse: { text, _, _ in
                let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
                guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw SettingsError("\(SettingsText.shown(text)) is not a \(name)")
                }
                guard digits.count == 1 || !digits.hasPrefix("0") else {
                    throw SettingsError("\(SettingsText.shown(text)) begins with a zero; write the number without it")
                }
                guard let number = Int(text), range.contains(number) else {
                    throw SettingsError("\(SettingsText.shown(text)) is out of range; expected a \(name)")
                }
                return number
            }
        )
    }
}

extension SettingsType where Value == Bool {
    /// `true` or `false`, also `yes` or `no`.
    public static var boolean: Self {
        SettingsType(
            scalar: "true or false",
            example: "true",
            choices: ["true", "false"],
            isPlain: true,
            describe: { $0 ? "true" : "false" },
            parse: { text, _, _ in
                switch text.lowercased() {
                case "true", "yes": return true
                case "false", "no": return false
                default: throw SettingsError("\(SettingsText.shown(text)) is not true or false")
                }
            }
        )
    }
}

extension SettingsType where Value: RawRepresentable, Value.RawValue == String {
    /// One of several words.
    public static func choice(_ choices: [Value]) -> Self {
        let words = choices.map(\.rawValue)
        let list = words.joined(separator: ", ")
        return SettingsType(
            scalar: "one of \(list)",
            example: words.first ?? "",
            choices: words,
            describe: { $0.rawValue },
            parse: { text, _, _ in
                guard let index = words.firstIndex(of: text) else {
                    throw SettingsError(
                        "\(SettingsText.shown(text)) is not one of \(list)" + Suggestion.hint(for: text, among: words)
                    )
                }
                return choices[index]
            }
        )
    }
}

extension SettingsType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of all the words that the type has.
    public static var choice: Self { choice(Array(Value.allCases)) }
}
