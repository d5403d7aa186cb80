/// A settings file that is being written: by a settings page, or by `posthorn settings init`.
///
/// ```swift
/// var document = try SettingsDocument(client: "planung-3", plugins: registry)
/// document.set("outgoing.smtp.host", to: "mail.example.org")
/// document.set("outgoing.smtp.password", to: .environment("POSTHORN_SMTP_PASSWORD"))
/// document.set("use.outgoing", to: "smtp")
/// try document.write(to: "planung-3.yaml")
/// ```
/// The written file is complete: it lists every key of the plugins that it uses, with its help; keys that are not
/// given stand there as comments. Comments of people in a file that was loaded are not kept.
public struct SettingsDocument: Sendable {
    let plugins: PluginRegistry
    var root: SettingsTree

    /// A document that holds nothing but the client's name.
    public init(client: String, plugins: PluginRegistry) {
        self.plugins = plugins
        root = .group([SettingsTree.Pair(key: "client", value: .scalar(client, isQuoted: false))])
    }

    init(root: SettingsTree, plugins: PluginRegistry) {
        self.root = root
        self.plugins = plugins
    }

    /// The document of an existing file. What it extends stays where it is; only `extends` itself is kept.
    ///
    /// - Throws: ``SettingsError`` if the file cannot be read or is not valid YAML. Wrong values are kept as they
    ///   are: a settings page is there to correct them.
    public static func load(from path: String, plugins: PluginRegistry) throws(SettingsError) -> SettingsDocument {
        let file: SmallFile
        do throws(SmallFile.Failure) {
            file = try SmallFile(path: path, limit: SettingsChain.sizeLimit)
        } catch {
            let reason = error.isMissing ? "does not exist" : error.reason
            throw SettingsError("the settings file '\(PeerText.shown(path))' \(reason)")
        }
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            throw SettingsError("the settings file '\(PeerText.shown(path))' is not UTF-8; save it as UTF-8")
        }
        let source = SettingsSource(name: path, directory: "", privacy: .closed)
        let (node, problems) = YAMLTree.read(text, source: source)
        guard let node, problems.isEmpty else { throw SettingsError(problems) }
        return SettingsDocument(root: SettingsTree(node), plugins: plugins)
    }

    // MARK: Values

    /// Sets a value by its dotted path, such as `outgoing.smtp.host`. Numbers, durations and the like are given as
    /// they are written: `465`, `30 s`.
    public mutating func set(_ path: String, to text: String) {
        root.set(.scalar(text, isQuoted: false), at: Self.steps(path))
    }

    /// Sets a list.
    public mutating func set(_ path: String, to list: [String]) {
        root.set(.list(list.map { .scalar($0, isQuoted: false) }), at: Self.steps(path))
    }

    /// Sets where a secret comes from.
    ///
    /// - Throws: ``SettingsError`` for the host's own code (`provider`), which no file can hold.
    public mutating func set(_ path: String, to secret: SecretSource) throws(SettingsError) {
        root.set(try SettingsTree(secret, at: path), at: Self.steps(path))
    }

    /// Adds a transport or store without settings of its own, such as `outgoing.mapi`.
    public mutating func add(_ path: String) {
        root.set(.group([]), at: Self.steps(path))
    }

    /// Removes a value, or a whole group.
    public mutating func remove(_ path: String) {
        root.remove(at: Self.steps(path))
    }

    /// The text of a value; `nil` if it is not given, or not a text.
    public func text(_ path: String) -> String? {
        guard case .scalar(let text, _) = root.value(at: Self.steps(path)) else { return nil }
        return text
    }

    /// The list at a path (a single text is a list of one); `nil` if it is not given, or no list of texts.
    public func list(_ path: String) -> [String]? {
        switch root.value(at: Self.steps(path)) {
        case .scalar(let text, _): return [text]
        case .list(let items):
            let texts = items.compactMap { item -> String? in
                if case .scalar(let text, _) = item { text } else { nil }
            }
            return texts.count == items.count ? texts : nil
        default: return nil
        }
    }

    /// The names below a path, such as those of the transports below `outgoing`.
    public func names(_ path: String) -> [String] {
        guard case .group(let pairs) = root.value(at: Self.steps(path)) else { return [] }
        return pairs.map(\.key)
    }

    private static func steps(_ path: String) -> [String] { path.split(separator: ".").map(String.init) }

    // MARK: Output

    /// The whole file.
    public func render() -> String {
        SettingsRendering(plugins: plugins).render(root)
    }

    /// Writes the file: at once or not at all, with mode 0600 (see ``AtomicFile``).
    ///
    /// - Throws: ``MailError`` with code `storage`.
    public func write(to path: String) throws {
        try AtomicFile.write(Array(render().utf8), to: path, mode: 0o600)
    }

    /// A file to begin with: the first transport and store with examples, all others as comments.
    public static func sample(client: String, plugins: PluginRegistry) -> String {
        var document = SettingsDocument(client: client, plugins: plugins)
        if let first = plugins.outgoing.first {
            document.set("use.outgoing", to: first.identifier)
            document.addSample("outgoing.\(first.identifier)", AccountSchemas.outgoing(first))
        }
        if let first = plugins.incoming.first {
            document.set("use.incoming", to: first.identifier)
            document.addSample("incoming.\(first.identifier)", AccountSchemas.incoming(first))
        }
        return SettingsRendering(plugins: plugins, showsOtherPlugins: true).render(document.root)
    }

    private mutating func addSample(_ path: String, _ schema: SettingsSchema) {
        add(path)
        for key in schema.keys where key.isRequired {
            if key.isSecret {
                root.set(
                    .group([
                        .init(
                            key: "env",
                            value: .scalar(SecretSample.variable(for: "\(path).\(key.name)"), isQuoted: false)
                        )
                    ]),
                    at: Self.steps("\(path).\(key.name)")
                )
            } else {
                root.set(SettingsTree(example: key.example), at: Self.steps("\(path).\(key.name)"))
            }
        }
    }
}

extension SettingsDocument: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names of the top keys, never a value: a password may be among the values.
    public var description: String {
        "SettingsDocument(\(names("").map { SettingsText.shown($0) }.joined(separator: ", ")))"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// The settings of plugins, whose types only the plugins know.
enum AccountSchemas {
    static func outgoing(_ plugin: any OutgoingPlugin) -> SettingsSchema { schema(plugin) }
    static func incoming(_ plugin: any IncomingPlugin) -> SettingsSchema { schema(plugin) }

    private static func schema<Plugin: OutgoingPlugin>(_ plugin: Plugin) -> SettingsSchema { Plugin.Settings.schema }
    private static func schema<Plugin: IncomingPlugin>(_ plugin: Plugin) -> SettingsSchema {
        Plugin.StoreSettings.schema
    }

    /// The schema of an account; `nil` if its plugin is not linked.
    static func schema(of identifier: String, _ direction: MailDirection, _ plugins: PluginRegistry) -> SettingsSchema?
    {
        switch direction {
        case .outgoing: (plugins[identifier] as? any OutgoingPlugin).map { outgoing($0) }
        case .incoming: (plugins[identifier] as? any IncomingPlugin).map { incoming($0) }
        }
    }
}
