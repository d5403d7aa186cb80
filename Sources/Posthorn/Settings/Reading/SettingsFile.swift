/// The settings file of a client: which one it is, and how it is read.
public struct SettingsFile: Sendable {
    enum Place: Sendable {
        case file(String)
        case client(String, directory: String)
        case text(String, name: String, directory: String)
    }

    let place: Place

    /// A certain file. Relative paths start at the working directory.
    public static func file(_ path: String) -> SettingsFile { SettingsFile(place: .file(path)) }

    /// The file of a client in a directory of such files: `<directory>/<name>.yaml` (or `.yml`), and never another one.
    /// The name is also that of the running client.
    public static func client(_ name: String, in directory: String) -> SettingsFile {
        SettingsFile(place: .client(name, directory: directory))
    }

    /// A text of the program, for tests and for hosts that keep settings elsewhere.
    ///
    /// - Parameters:
    ///   - text: The settings as YAML.
    ///   - name: How the text is named in messages, such as `planung-3.yaml`.
    ///   - directory: The directory to which relative paths refer; the working directory if empty.
    public static func text(_ text: String, name: String = "settings", directory: String = "") -> SettingsFile {
        SettingsFile(place: .text(text, name: name, directory: directory))
    }

    /// Where the file is looked for, in order; empty for a text.
    public var searchPaths: [String] {
        switch place {
        case .file(let path): [path]
        case .client(let name, let directory): ClientDirectory(path: directory).candidates(for: name)
        case .text: []
        }
    }

    /// Reads the file and those it extends, and checks everything that can be checked without a network.
    ///
    /// - Parameters:
    ///   - plugins: The linked plugins.
    ///   - runningClient: The name of this client. Otherwise it is the one given to ``client(_:in:)``, the environment
    ///     variable `POSTHORN_CLIENT`, or the name of the machine, in this order.
    /// - Throws: all mistakes at once, in the order of the file.
    public func load(plugins: PluginRegistry, runningClient: String? = nil) throws(SettingsError) -> ClientSettings {
        try load(plugins: plugins, runningClient: runningClient, machine: .current)
    }

    func load(
        plugins: PluginRegistry,
        runningClient: String?,
        machine: SettingsMachine
    ) throws(SettingsError) -> ClientSettings {
        var chain = SettingsChain(machine: machine)
        var running = RunningClient(explicit: runningClient, machine: machine)
        switch place {
        case .file(let path):
            do throws(SmallFile.Failure) {
                chain.read(file: try SmallFile(path: path, limit: SettingsChain.sizeLimit), path: path)
            } catch {
                let reason = error.isMissing ? "does not exist; 'posthorn settings init' writes one" : error.reason
                throw SettingsError("the settings file '\(PeerText.shown(path))' \(reason)")
            }
        case .client(let name, let directory):
            let (file, path) = try ClientDirectory(path: directory).open(name)
            running = RunningClient(names: [name])
            chain.read(file: file, path: path)
        case .text(let text, let name, let directory):
            chain.read(text: text, name: name, directory: directory)
        }
        return try SettingsAssembly(plugins: plugins, machine: machine, running: running).assemble(chain)
    }
}

/// The client on which the program runs.
struct RunningClient: Sendable {
    /// The names by which it goes; empty if none is known.
    var names: [String]

    init(names: [String]) {
        self.names = names
    }

    init(explicit: String?, machine: SettingsMachine) {
        if let explicit {
            names = [explicit]
        } else if let variable = machine.variable("POSTHORN_CLIENT"), !variable.isEmpty {
            names = [variable]
        } else {
            names = machine.hostName.isEmpty ? [] : [machine.hostName]
        }
    }

    /// Whether a file for `client` is for this one. A host name counts whole and by its first label.
    func matches(_ client: String) -> Bool {
        let wanted = client.lowercased()
        return names.isEmpty
            || names.contains { name in
                let name = name.lowercased()
                return name == wanted || name.split(separator: ".").first.map(String.init) == wanted
            }
    }
}
