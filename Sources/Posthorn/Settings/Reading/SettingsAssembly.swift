/// Makes the settings of a client of what was read from its files.
struct SettingsAssembly {
    let plugins: PluginRegistry
    let machine: SettingsMachine
    let running: RunningClient

    func assemble(_ chain: SettingsChain) throws(SettingsError) -> ClientSettings {
        guard !chain.isBroken, let own = chain.roots.first else {
            throw SettingsError(Self.sorted(chain.issues, chain))
        }
        let keys = RootKeys(plugins)
        var reader = SettingsReader(machine: machine)
        reader.add(chain.issues)
        reader.add(checkClient(own, chain))
        let root = merged(own, chain)
        let place = SettingsGroupPlace(
            path: "",
            origin: SettingsIssue.Origin(file: own.file.name, line: 1, column: 1),
            file: own.file
        )
        let values = reader.readValues(keys.schema, root.pairs, place)
        reader.add(checkReferences(reader.references, root))
        guard reader.issues.isEmpty, let values else {
            throw SettingsError(Self.sorted(reader.issues, chain))
        }
        do {
            let use = try values[keys.use]
            return ClientSettings(
                client: try values[keys.client],
                sender: try values[keys.sender],
                redirectAll: try values[keys.redirectAll],
                defaultOutgoing: use.outgoing,
                defaultIncoming: use.incoming,
                outgoing: try values[keys.outgoing],
                incoming: try values[keys.incoming],
                functions: try values[keys.functions],
                entries: reader.entries,
                files: chain.paths
            )
        } catch {
            throw (error as? SettingsError) ?? SettingsError(PeerText.shown("\(error)"))
        }
    }

    /// The own file over those that it extends. Only the own file says for which client it is.
    private func merged(_ own: SettingsNode, _ chain: SettingsChain) -> SettingsNode {
        chain.roots.dropFirst().reduce(own) { near, far in
            var shared = far
            shared.content = .mapping(far.pairs.filter { $0.key != "client" && $0.key != "extends" })
            return SettingsMerge.merge(near: near, far: shared)
        }
    }

    // MARK: Checks

    private func checkClient(_ own: SettingsNode, _ chain: SettingsChain) -> [SettingsIssue] {
        var issues = chain.roots.dropFirst().compactMap { root in
            root.pairs.first { $0.key == "client" }.map { pair in
                SettingsIssue(
                    "a file that others extend is for no single client; remove 'client' here",
                    path: "client",
                    origin: pair.origin
                )
            }
        }
        if let client = own["client"], let name = client.text, !running.matches(name), let current = running.names.first
        {
            issues.append(
                SettingsIssue(
                    "the file is for the client \(SettingsText.shown(name)), but this is \(SettingsText.shown(current)); "
                        + "it seems to have been copied from another workstation. Use this client's own file "
                        + "('posthorn settings init' writes one), or change 'client' if the settings are right for this one",
                    path: "client",
                    origin: client.origin
                )
            )
        }
        return issues
    }

    private func checkReferences(_ references: [AccountReference], _ root: SettingsNode) -> [SettingsIssue] {
        var issues: [SettingsIssue] = []
        for reference in references {
            let defined = root[reference.direction.rawValue]?.pairs.map(\.key) ?? []
            guard !defined.contains(reference.name) else { continue }
            let list = defined.prefix(20).map { PeerText.shown($0, limit: 60) }.joined(separator: ", ")
            let known = defined.isEmpty ? "nothing is defined there" : "defined: \(list)"
            let advice =
                Suggestion.best(for: reference.name, among: defined).map { " (did you mean '\($0)'?)" } ?? "; \(known)"
            issues.append(
                SettingsIssue(
                    "no \(reference.direction.noun) \(SettingsText.shown(reference.name)) is defined under "
                        + "'\(reference.direction.rawValue)'\(advice)",
                    path: reference.path,
                    origin: reference.origin
                )
            )
        }
        return issues
    }

    // MARK: Order

    /// In the order of the files, and of the places in them.
    private static func sorted(_ issues: [SettingsIssue], _ chain: SettingsChain) -> [SettingsIssue] {
        var ranks: [String: Int] = [:]
        for (index, root) in chain.roots.enumerated() { ranks[root.file.name] = ranks[root.file.name] ?? index }
        func key(_ issue: SettingsIssue) -> (Int, Int, Int) {
            guard let origin = issue.origin else { return (-1, 0, 0) }
            return (ranks[origin.file] ?? .max, origin.line, origin.column)
        }
        // Stable: what stands at the same place stays in the order in which it was found.
        return issues.enumerated().sorted { left, right in
            let (first, second) = (key(left.element), key(right.element))
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }
}
