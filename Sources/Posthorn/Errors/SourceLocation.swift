/// The place in the source code where an error was made.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// Module and file, as `#fileID` gives it.
    public var fileID: String
    /// The line in that file.
    public var line: Int

    /// Creates a location.
    public init(fileID: String, line: Int) {
        self.fileID = fileID
        self.line = line
    }

    /// `PosthornSMTP/SMTPTransport.swift:42`
    public var description: String { "\(fileID):\(line)" }
}
