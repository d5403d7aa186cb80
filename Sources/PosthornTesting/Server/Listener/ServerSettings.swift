/// What a server must know of its configuration besides the conversation.
struct ServerSettings: Sendable {
    var security: ServerSecurity
    var certificate: ServerCertificate
    var clientAuthorityFile: String?
    /// Connections at a time, and what those hear that are too many.
    var connections: Int
    var refusal: String
    /// Whether the octets that the clients sent are kept, and how many of each connection and direction.
    var recordsOctets: Bool
    var keptPerConnection: Int
}
