/// The plugins that a host linked and passed in: a value, in the host's order.
public struct PluginRegistry: Sendable {
    /// The plugins, in the host's order.
    public let plugins: [any PosthornPlugin]

    /// Creates a registry.
    ///
    /// - Throws: ``SettingsError`` if two plugins have the same identifier, or one is not a word of lower-case
    ///   letters, digits and hyphens.
    public init(_ plugins: [any PosthornPlugin]) throws {
        var seen: Set<String> = []
        for plugin in plugins {
            let word = plugin.identifier
            guard !word.isEmpty, word.utf8.allSatisfy({ Self.isWordOctet($0) }) else {
                throw SettingsError(
                    "the plugin identifier '\(PeerText.shown(word))' is not a word of lower-case letters, digits and "
                        + "hyphens; correct it in the plugin's code"
                )
            }
            guard seen.insert(word).inserted else {
                throw SettingsError(
                    "two plugins have the identifier '\(word)'; pass each plugin to PosthornClient only once"
                )
            }
        }
        self.plugins = plugins
    }

    private static func isWordOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// The plugin with an identifier.
    public subscript(identifier: String) -> (any PosthornPlugin)? {
        plugins.first { $0.identifier == identifier }
    }

    /// The plugins that can send.
    public var outgoing: [any OutgoingPlugin] { plugins.compactMap { $0 as? any OutgoingPlugin } }

    /// The plugins that can fetch.
    public var incoming: [any IncomingPlugin] { plugins.compactMap { $0 as? any IncomingPlugin } }
}
