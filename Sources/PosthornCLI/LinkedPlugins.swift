import Posthorn
import PosthornSMTP

/// The plugins that the tool is linked with.
enum LinkedPlugins {
    /// All of them, in the order in which they are listed.
    static let all: [any PosthornPlugin] = [.smtp]

    /// The plugins of the given names; all if there are none.
    ///
    /// - Throws: ``SettingsError`` for a name that is not linked.
    static func registry(_ names: [String] = []) throws -> PluginRegistry {
        let chosen = try names.map { name in
            guard let plugin = all.first(where: { $0.identifier == name }) else {
                throw SettingsError(
                    "no plugin '\(PeerText.shown(name))' is linked; linked: "
                        + all.map(\.identifier).joined(separator: ", ")
                )
            }
            return plugin
        }
        return try PluginRegistry(chosen.isEmpty ? all : chosen)
    }
}
