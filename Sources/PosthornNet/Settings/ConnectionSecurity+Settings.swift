extension ConnectionSecurity: RawRepresentable {
    /// The word in the settings file.
    package var rawValue: String { description }

    package init?(rawValue: String) {
        switch rawValue {
        case "tls": self = .tls
        case "starttls": self = .startTLS
        case "none": self = .none
        default: return nil
        }
    }

    /// All ways, the safest first.
    static let all = [ConnectionSecurity.tls, .startTLS, .none]
}
