#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads host names and IP addresses of settings, and says which key takes what does not belong there.
enum HostText {
    static func parse(_ text: String) throws -> String {
        guard !text.isEmpty else { throw SettingsError("the host name is empty; write one, such as mail.example.org") }
        if text.contains("://") || text.contains("@") || text.contains("/") {
            // Not shown: such a text may hold a password.
            throw SettingsError(
                "a host name was expected, without scheme, user and path; write 'host: mail.example.org', "
                    + "the port as 'port', the encryption as 'security' and the user as 'username'"
            )
        }
        if isAddress(text) { return text }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let inner = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty, isAddress(inner) { return inner }
            if isAddress(inner), rest.hasPrefix(":") { throw portMistake(text, inner, String(rest.dropFirst())) }
        }
        if let colon = text.lastIndex(of: ":") {
            let port = text[text.index(after: colon)...]
            if !port.isEmpty, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text[..<colon].contains(":") {
                throw portMistake(text, String(text[..<colon]), String(port))
            }
        }
        guard isName(text) else {
            throw SettingsError("\(SettingsText.shown(text)) is not a host name or IP address")
        }
        return text
    }

    private static func portMistake(_ text: String, _ host: String, _ port: String) -> SettingsError {
        SettingsError(
            "\(SettingsText.shown(text)) holds a port; write 'host: \(PeerText.shown(host, limit: 60))' and "
                + "'port: \(PeerText.shown(port, limit: 10))'"
        )
    }

    private static func isAddress(_ text: String) -> Bool {
        var buffer = in6_addr()
        if inet_pton(AF_INET, text, &buffer) == 1 { return true }
        // A zone (fe80::1%eth0) is for the resolver.
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, inet_pton(AF_INET6, String(address), &buffer) == 1 else { return false }
        return parts.count == 1 || SettingsText.isWord(String(parts[1]))
    }

    private static func isName(_ text: String) -> Bool {
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard name.utf8.count <= 253 else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, labels.allSatisfy({ isLabel($0) }) else { return false }
        // 10.0.0 or 300.1.1.1 is a mistyped address, never a name.
        return !last.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard !label.isEmpty, label.utf8.count <= 63, !label.hasPrefix("-"), !label.hasSuffix("-") else { return false }
        return label.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
            default: scalar.value >= 0xA1 && scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            }
        }
    }
}
