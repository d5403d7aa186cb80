/// Puts a client's own values over shared ones.
enum SettingsMerge {
    /// Groups are merged key by key; texts and lists of the nearer file replace those of the farther one; a key
    /// without a value says nothing.
    static func merge(near: SettingsNode, far: SettingsNode, path: [String] = []) -> SettingsNode {
        guard case .mapping(let nearPairs) = near.content else {
            if case .empty = near.content { return far }
            return near
        }
        guard case .mapping(let farPairs) = far.content, !isOneValue(near, path), !isOneValue(far, path),
            !isOtherPlugin(near, far, path)
        else { return near }
        var merged = nearPairs
        for pair in farPairs {
            if let index = merged.firstIndex(where: { $0.key == pair.key }) {
                merged[index].value = merge(near: merged[index].value, far: pair.value, path: path + [pair.key])
            } else {
                merged.append(pair)
            }
        }
        var result = near
        result.content = .mapping(merged)
        return result
    }

    /// Whether a mapping is the reference to a secret: `{ env: … }` over `{ file: … }` must not become both.
    ///
    /// Secrets are keys of an account, so at least three steps down; above, such a word is a name that people chose.
    private static func isOneValue(_ node: SettingsNode, _ path: [String]) -> Bool {
        guard path.count > 2, case .mapping(let pairs) = node.content, pairs.count == 1, let pair = pairs.first,
            ["env", "file", "command"].contains(pair.key)
        else { return false }
        if case .mapping = pair.value.content { return false }
        return true
    }

    /// Whether two accounts of the same name belong to different plugins, so that their keys have nothing in common.
    private static func isOtherPlugin(_ near: SettingsNode, _ far: SettingsNode, _ path: [String]) -> Bool {
        guard path.count == 2, path[0] == "outgoing" || path[0] == "incoming", let plugin = near["plugin"]?.text else {
            return false
        }
        return plugin != far["plugin"]?.text ?? path[1]
    }
}
