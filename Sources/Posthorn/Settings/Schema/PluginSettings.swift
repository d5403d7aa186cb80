/// The settings of a plugin, which describe themselves.
///
/// Each key is declared once, as a ``SettingsKey``. The declaration drives reading, validation, error texts, the
/// sample file, the reference page, settings dialogs and the masking of secrets.
///
/// ```swift
/// struct Settings: PluginSettings {
///     var program: String
///     var copies: Int
///
///     static let programKey = SettingsKey("program", .string, help: "The program that gets the message.", example: "/usr/bin/lp")
///     static let copiesKey = SettingsKey("copies", .integer(1...9), default: 1, help: "How many copies.")
///     static let schema = SettingsSchema(programKey, copiesKey)
///
///     init(_ values: SettingsValues) throws {
///         program = try values[Self.programKey]
///         copies = try values[Self.copiesKey]
///     }
/// }
/// ```
public protocol PluginSettings: Sendable {
    /// The keys, in the order in which a written file lists them.
    static var schema: SettingsSchema { get }

    /// Takes the values. Called only when every key has passed its own validation.
    init(_ values: SettingsValues) throws

    /// Mistakes that concern several keys at once, such as a port that does not fit a role. Called only
    /// when every key has passed its own validation. The default finds none.
    static func check(_ values: SettingsValues) throws -> [SettingsIssue]
}

extension PluginSettings {
    /// Finds nothing.
    public static func check(_ values: SettingsValues) throws -> [SettingsIssue] { [] }
}
