import Posthorn
import PosthornIMAP
import PosthornPOP3
import PosthornSMTP

/// The plugins that the tool is linked with.
enum LinkedPlugins {
    /// All of them, in the order in which they are listed.
    static let all: [any PosthornPlugin] = [.smtp, .pop3, .imap]

    /// Their identifiers.
    static var names: [String] { all.map(\.identifier) }

    /// The plugins of the given names; all if there are none.
    static func registry(_ names: [String] = []) throws -> PluginRegistry {
        try PluginRegistry(all.filter { names.isEmpty || names.contains($0.identifier) })
    }
}
