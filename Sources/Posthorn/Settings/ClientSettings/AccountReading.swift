extension SettingsType where Value == [ConfiguredOutgoing] {
    /// Names of transports, each with the settings of its plugin.
    static func outgoingAccounts(_ plugins: PluginRegistry) -> Self {
        .accounts(.outgoing, plugins) { pair, identifier, reader in
            guard let plugin = plugins[identifier] as? any OutgoingPlugin else { return nil }
            return reader.readOutgoing(plugin, pair)
        }
    }
}

extension SettingsType where Value == [ConfiguredIncoming] {
    /// Names of stores, each with the settings of its plugin.
    static func incomingAccounts(_ plugins: PluginRegistry) -> Self {
        .accounts(.incoming, plugins) { pair, identifier, reader in
            guard let plugin = plugins[identifier] as? any IncomingPlugin else { return nil }
            return reader.readIncoming(plugin, pair)
        }
    }
}

extension SettingsType {
    /// - Parameter readAccount: reads an account whose plugin is known to be linked and to serve the direction.
    fileprivate static func accounts<Account: Sendable>(
        _ direction: MailDirection,
        _ plugins: PluginRegistry,
        readAccount: @escaping @Sendable (SettingsNode.Pair, String, inout SettingsReader) -> Account?
    ) -> Self where Value == [Account] {
        let expected = "names of \(direction.noun)s, each with its settings"
        let linked = PluginDirectory(plugins: plugins, direction: direction)
        return SettingsType(
            name: expected,
            example: "{ \(linked.identifiers.first ?? "name"): {} }",
            acceptsEmpty: true,
            show: { _ in nil },
            read: { node, reader in
                guard let pairs = reader.pairs(of: node, expected: expected) else { return nil }
                var accounts: [Account] = []
                for pair in pairs where reader.checkName(pair) {
                    let account = reader.descend(toName: pair) { reader -> Account? in
                        guard let identifier = linked.identifier(for: pair, &reader) else { return nil }
                        return readAccount(pair, identifier, &reader)
                    }
                    if let account { accounts.append(account) }
                }
                return accounts
            }
        )
    }
}

extension SettingsReader {
    fileprivate mutating func readOutgoing<Plugin: OutgoingPlugin>(
        _ plugin: Plugin,
        _ pair: SettingsNode.Pair
    ) -> ConfiguredOutgoing? {
        let place = SettingsGroupPlace(path: path, origin: pair.origin, file: pair.value.file)
        return readGroup(Plugin.Settings.self, pair.value, place, reserved: ["plugin"]).map {
            ConfiguredOutgoing(name: pair.key, plugin: plugin, settings: $0, origin: pair.origin)
        }
    }

    fileprivate mutating func readIncoming<Plugin: IncomingPlugin>(
        _ plugin: Plugin,
        _ pair: SettingsNode.Pair
    ) -> ConfiguredIncoming? {
        let place = SettingsGroupPlace(path: path, origin: pair.origin, file: pair.value.file)
        return readGroup(Plugin.StoreSettings.self, pair.value, place, reserved: ["plugin"]).map {
            ConfiguredIncoming(name: pair.key, plugin: plugin, settings: $0, origin: pair.origin)
        }
    }

    /// Goes down to a name of one's own choice and comes back.
    fileprivate mutating func descend<Result>(
        toName pair: SettingsNode.Pair,
        _ body: (inout SettingsReader) -> Result
    ) -> Result {
        let place = SettingsGroupPlace(path: path, origin: pair.origin, file: pair.value.file)
        return descend(to: pair.key, in: place, origin: pair.origin, help: "", hide: false, body)
    }
}

/// The linked plugins of one direction.
struct PluginDirectory: Sendable {
    let plugins: PluginRegistry
    let direction: MailDirection

    var identifiers: [String] {
        direction == .outgoing ? plugins.outgoing.map(\.identifier) : plugins.incoming.map(\.identifier)
    }

    /// The plugin of an account; reports it if there is none.
    func identifier(for pair: SettingsNode.Pair, _ reader: inout SettingsReader) -> String? {
        let named = pair.value["plugin"]
        if let named, named.text == nil {
            reader.report(
                "'plugin' takes the name of a plugin, such as '\(identifiers.first ?? "smtp")'",
                at: named.origin
            )
            return nil
        }
        let word = named?.text ?? pair.key
        guard !identifiers.contains(word) else {
            let path = SettingsGroupPlace(path: reader.path, origin: pair.origin, file: pair.value.file)
            reader.descend(to: "plugin", in: path, origin: named?.origin, help: "The plugin.", hide: false) { reader in
                reader.record(word, at: named?.origin)
            }
            return word
        }
        reader.report(problem(word), at: named?.origin ?? pair.origin)
        return nil
    }

    private func problem(_ word: String) -> String {
        let shown = SettingsText.shown(word)
        if plugins[word] != nil {
            return direction == .outgoing
                ? "the plugin \(shown) fetches mail and cannot send; write it under 'incoming'"
                : "the plugin \(shown) sends mail and cannot fetch; write it under 'outgoing'"
        }
        let linked = identifiers.isEmpty ? "none" : identifiers.joined(separator: ", ")
        let start = "no plugin \(shown) is linked; linked: \(linked)"
        if let suggestion = Suggestion.best(for: word, among: identifiers) {
            return start
                + " (did you mean '\(suggestion)'?). If the name is the workstation's own, add 'plugin: \(suggestion)'"
        }
        let product = SettingsText.isWord(word) ? ", named like Posthorn\(word.uppercased())," : ""
        return start
            + ". Add the plugin's product\(product) to the program's package and pass the plugin in `plugins:`; "
            + "if the name is the workstation's own, say which plugin it means with 'plugin:'"
    }
}
