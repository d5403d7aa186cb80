/// One mistake in a settings file.
public struct SettingsIssue: Hashable, Sendable, CustomStringConvertible {
    /// Where a value was written.
    public struct Origin: Hashable, Sendable, CustomStringConvertible {
        /// The file, as it was named.
        public var file: String
        /// The line, from 1.
        public var line: Int
        /// The column, from 1.
        public var column: Int

        /// Creates an origin.
        public init(file: String, line: Int, column: Int) {
            self.file = file
            self.line = line
            self.column = column
        }

        /// `planung-3.yaml:9:15`
        public var description: String { "\(file):\(line):\(column)" }
    }

    /// Where, if the mistake has a place in a file.
    public var origin: Origin?
    /// The dotted path of the key, such as `outgoing.smtp.security`, if it has one.
    public var path: String?
    /// What is wrong, what was expected, and what to do. Never holds the value of a secret key.
    public var message: String

    /// Creates an issue.
    public init(_ message: String, path: String? = nil, origin: Origin? = nil) {
        self.message = message
        self.path = path
        self.origin = origin
    }

    /// `planung-3.yaml:9:15: outgoing.smtp.security: 'ssl' is not one of tls, starttls (did you mean 'tls'?)`
    public var description: String {
        [origin?.description, path, message].compactMap { $0 }.joined(separator: ": ")
    }
}
