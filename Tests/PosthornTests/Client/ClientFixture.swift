import Posthorn
import PosthornTesting

/// A client object whose transports live in memory.
struct ClientFixture {
    let memory = InMemoryPlugin()
    let mail: PosthornClient

    /// - Parameter yaml: the settings without `client` and `sender`.
    init(_ yaml: String, sender: String = "sender: Küchenstudio <info@kuechen.example>") async throws {
        mail = try await PosthornClient(
            settings: .text("client: test\n\(sender)\n\(yaml)", name: "test.yaml"),
            plugins: [memory],
            client: "test"
        )
    }

    static let two = """
        use: { outgoing: [first, second] }
        outgoing:
          first: { plugin: memory }
          second: { plugin: memory }
        """

    func sent(by name: String) -> [SentMessage] { memory.transport(name).sent }
}

/// A ready message.
func rawMessage(_ header: String = "", body: String = "Hello\r\n") -> RawMessage {
    RawMessage(bytes: Array("To: a@example.org\r\nSubject: Test\r\n\(header)\r\n\(body)".utf8))
}

/// The value of a header field in a message that was sent.
func field(_ name: String, of message: SentMessage) async throws -> String? {
    let block = try await HeaderBlock.read(from: .bytes(message.bytes))
    return block.headerFields[try HeaderName(name)]
}
