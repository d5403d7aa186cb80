import Posthorn

/// What a proxy's dialogue asks for.
enum ProxyEvent: Sendable {
    /// Octets for the proxy; a secret among them never reaches the transcript.
    case send(WireText)
    /// The server is reached.
    case connected
}

/// Talks to a proxy over a fresh connection until the server behind it is reached.
struct ProxyHandshake {
    let proxy: ProxyServer
    let connection: Connection
    let deadline: Deadline

    func run() async throws {
        let password = try await proxy.password?.resolve()
        let limit = deadline.named("the answer of the \(proxy.kind) proxy \(proxy.endpoint)")
        if proxy.kind == .http {
            try await talk(
                HTTPConnectDialogue(
                    target: connection.endpoint,
                    proxy: proxy.endpoint,
                    username: proxy.username,
                    password: password
                ),
                limit
            )
        } else {
            try await talk(
                SOCKS5Dialogue(
                    target: connection.endpoint,
                    proxy: proxy.endpoint,
                    username: proxy.username,
                    password: password
                ),
                limit
            )
        }
    }

    private func talk<Dialogue: ProxyDialogue>(_ dialogue: Dialogue, _ limit: Deadline) async throws {
        var dialogue = dialogue
        connection.write(try dialogue.start())
        while true {
            switch try await connection.next(&dialogue, deadline: limit) {
            case .send(let text): connection.write(text)
            case .connected: return
            }
        }
    }
}

/// One kind of proxy, without input or output of its own.
protocol ProxyDialogue: InboundParser where Event == ProxyEvent {
    /// What is sent first.
    mutating func start() throws -> WireText
}
