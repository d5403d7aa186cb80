import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The settings file that is used, and why this one.
///
/// In this order: `--settings`; `--client` and `--settings-dir`; the environment variable `POSTHORN_SETTINGS`;
/// `POSTHORN_SETTINGS_DIR`; `$XDG_CONFIG_HOME/posthorn` (`~/.config/posthorn`); `/etc/posthorn`.
struct SettingsLocation: Sendable {
    /// A certain file was named, or a directory is searched for that of the client.
    enum Choice: Sendable {
        case file(String)
        case directories([String])
    }

    let choice: Choice
    /// What decided, for people.
    let reason: String
    /// The running client.
    let client: ClientName

    init(_ options: SettingsOptions) {
        self.init(settings: options.settings, client: options.client, directory: options.settingsDir)
    }

    /// - Parameters: what the options say.
    init(settings: String? = nil, client name: String? = nil, directory: String? = nil) {
        client = ClientName(option: name)
        if let path = settings {
            choice = .file(path)
            reason = "--settings names it"
        } else if let directory {
            choice = .directories([directory])
            reason = "--settings-dir names the directory"
        } else if name == nil, let path = Environment["POSTHORN_SETTINGS"] {
            choice = .file(path)
            reason = "the environment variable POSTHORN_SETTINGS names it"
        } else if let directory = Environment["POSTHORN_SETTINGS_DIR"] {
            choice = .directories([directory])
            reason = "the environment variable POSTHORN_SETTINGS_DIR names the directory"
        } else {
            choice = .directories(Self.usualDirectories)
            reason = "it is one of the usual places"
        }
    }

    private static var usualDirectories: [String] {
        let configuration = Environment["XDG_CONFIG_HOME"] ?? Environment["HOME"].map { $0 + "/.config" }
        return (configuration.map { [$0 + "/posthorn"] } ?? []) + ["/etc/posthorn"]
    }

    /// Every file that may be used, in order.
    var candidates: [String] {
        switch choice {
        case .file(let path): [path]
        case .directories(let directories): files(in: directories).flatMap(\.searchPaths)
        }
    }

    /// The candidate that is used; `nil` if there is none.
    var path: String? { candidates.first { access($0, F_OK) == 0 } }

    /// The file to read.
    ///
    /// - Throws: ``SettingsError`` if there is none; it says where it was looked for.
    func file() throws -> SettingsFile {
        switch choice {
        case .file(let path): return .file(path)
        case .directories(let directories):
            let files = files(in: directories)
            let found = files.first { $0.searchPaths.contains { access($0, F_OK) == 0 } }
            if let found { return found }
            // A single directory is explained by the library, which names the clients that are there.
            if files.count == 1, let file = files.first { return file }
            throw SettingsError(missing)
        }
    }

    private func files(in directories: [String]) -> [SettingsFile] {
        directories.flatMap { directory in client.names.map { SettingsFile.client($0, in: directory) } }
    }

    private var missing: String {
        let name = client.names.first ?? ""
        let places = candidates.map { "\n  not there: \(PeerText.shown($0))" }.joined()
        let example = candidates.first ?? "\(name).yaml"
        return "there is no settings file for the client '\(PeerText.shown(name))' (\(client.source))\(places)"
            + "\n  Write one with 'posthorn settings init --output \(PeerText.shown(example))', or name one with --settings."
    }
}
