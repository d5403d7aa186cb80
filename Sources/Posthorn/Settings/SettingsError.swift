/// All mistakes of a settings file at once, or one mistake in the set-up of the plugins.
public struct SettingsError: Error, Sendable, CustomStringConvertible {
    /// The mistakes, in the order of the file.
    public var issues: [SettingsIssue]

    /// Several mistakes.
    public init(_ issues: [SettingsIssue]) {
        self.issues = issues
    }

    /// One mistake that has no place in a file.
    public init(_ message: String) {
        self.issues = [SettingsIssue(message)]
    }

    /// One line per mistake.
    public var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
