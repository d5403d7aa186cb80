#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads paths of settings files.
enum SettingsPath {
    static func resolve(_ text: String, in directory: String, machine: SettingsMachine) throws -> String {
        guard !text.isEmpty else { throw SettingsError("the path is empty; write one, or leave the key out") }
        guard !text.unicodeScalars.contains(where: { $0 == "\0" || $0 == "\n" || $0 == "\r" }) else {
            throw SettingsError("the path \(SettingsText.shown(text)) holds a line break or NUL")
        }
        if text.hasPrefix("/") { return text }
        if text == "~" || text.hasPrefix("~/") {
            guard let home = machine.homeDirectory else {
                throw SettingsError(
                    "\(SettingsText.shown(text)): there is no home directory here; write the whole path"
                )
            }
            return home + text.dropFirst(1)
        }
        if text.hasPrefix("~") {
            throw SettingsError("\(SettingsText.shown(text)): only '~/' is understood; write the whole path")
        }
        return directory.isEmpty ? text : directory.hasSuffix("/") ? directory + text : "\(directory)/\(text)"
    }

    /// The path from the root; relative ones start at the working directory.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let working = getcwd(nil, 0) else { return path }
        defer { free(working) }
        let directory = String(cString: working)
        return path.isEmpty || path == "." ? directory : "\(directory == "/" ? "" : directory)/\(path)"
    }

    /// What stands before the last slash.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without links and dots, for comparisons; as it is if there is no such file.
    static func canonical(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
