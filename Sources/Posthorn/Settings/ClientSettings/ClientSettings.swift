/// The settings of one client (workstation), read and checked.
public struct ClientSettings: Sendable {
    /// The client that the file is for.
    public var client: String
    /// From whom messages come; `nil` if the file leaves it to the program.
    public var sender: SenderPolicy?
    /// The only address that gets messages, on a test system.
    public var redirectAll: EmailAddress?
    /// The transports to be tried in order, by name; empty if the file chooses none.
    public var defaultOutgoing: [String]
    /// The store from which mail is fetched, by name.
    public var defaultIncoming: String?
    /// All transports, in the order of the file.
    public var outgoing: [ConfiguredOutgoing]
    /// All stores, in the order of the file.
    public var incoming: [ConfiguredIncoming]
    /// Exceptions for single functions of the program, by name.
    public var functions: [String: FunctionSettings]
    /// Every effective value with its origin, for people; secrets are masked.
    public var entries: [SettingsEntry]
    /// The files that were read, the client's own first; empty if the settings did not come from a file.
    public var files: [String]

    /// Creates settings without a file.
    public init(
        client: String,
        sender: SenderPolicy? = nil,
        redirectAll: EmailAddress? = nil,
        defaultOutgoing: [String] = [],
        defaultIncoming: String? = nil,
        outgoing: [ConfiguredOutgoing] = [],
        incoming: [ConfiguredIncoming] = [],
        functions: [String: FunctionSettings] = [:],
        entries: [SettingsEntry] = [],
        files: [String] = []
    ) {
        self.client = client
        self.sender = sender
        self.redirectAll = redirectAll
        self.defaultOutgoing = defaultOutgoing
        self.defaultIncoming = defaultIncoming
        self.outgoing = outgoing
        self.incoming = incoming
        self.functions = functions
        self.entries = entries
        self.files = files
    }

    /// The client's own file; `nil` if the settings did not come from a file.
    public var file: String? { files.first }
}
