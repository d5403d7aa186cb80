#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A directory with one settings file per client.
struct ClientDirectory {
    let path: String

    /// The files in which a client's settings may stand.
    func candidates(for name: String) -> [String] { ["yaml", "yml"].map { join("\(name).\($0)") } }

    private func join(_ name: String) -> String {
        path.isEmpty ? name : path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    /// Opens the file of a client.
    func open(_ name: String) throws(SettingsError) -> (file: SmallFile, path: String) {
        let forbidden = name.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.value < 0x20 || $0.value == 0x7F }
        guard !name.isEmpty, !forbidden, !name.contains(".."), !name.hasPrefix("."), name.utf8.count <= 200 else {
            throw SettingsError(
                "\(SettingsText.shown(name)) is not a client's name; expected a host name such as planung-3, without slashes"
            )
        }
        for candidate in candidates(for: name) {
            do throws(SmallFile.Failure) {
                return (try SmallFile(path: candidate, limit: SettingsChain.sizeLimit), candidate)
            } catch {
                guard error.isMissing else {
                    throw SettingsError("the settings file '\(PeerText.shown(candidate))' \(error.reason)")
                }
            }
        }
        throw SettingsError(missing(name))
    }

    private func missing(_ name: String) -> String {
        let start =
            "there is no settings file for the client \(SettingsText.shown(name)) in '\(PeerText.shown(path))'"
        let clients = clients()
        guard !clients.isEmpty else {
            return start + ", nor for any other; 'posthorn settings init' writes one"
        }
        let shown = clients.prefix(20).map { PeerText.shown($0, limit: 60) }.joined(separator: ", ")
        let more = clients.count > 20 ? " and \(clients.count - 20) more" : ""
        return start + "; there are: \(shown)\(more)" + Suggestion.hint(for: name, among: clients)
    }

    /// The clients that have a file here. Files without `client:` are those that others extend; nothing else of the
    /// files is looked at.
    private func clients() -> [String] {
        guard let directory = opendir(path.isEmpty ? "." : path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < 500, let entry = readdir(directory) {
            // The entry ends with its name: it must not be copied as a whole.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
            let start = UnsafeRawPointer(entry).advanced(by: offset)
            let name = String(cString: start.assumingMemoryBound(to: CChar.self))
            guard !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml"), isClientFile(name) else {
                continue
            }
            names.append(String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]))
        }
        return names.sorted()
    }

    private func isClientFile(_ name: String) -> Bool {
        let path = join(name)
        guard let file = try? SmallFile(path: path, limit: SettingsChain.sizeLimit),
            let text = String(validating: file.bytes, as: UTF8.self)
        else { return true }
        let source = SettingsSource(name: path, directory: "", privacy: .closed)
        let (root, problems) = YAMLTree.read(text, source: source)
        return !problems.isEmpty || root?["client"] != nil
    }
}
