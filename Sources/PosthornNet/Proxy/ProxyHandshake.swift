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
            let event: ProxyEvent
            do {
                event = try await connection.next(&dialogue, deadline: limit)
            } catch let error as MailError where error.code == .connectionLost {
                throw lost(error)
            }
            switch event {
            case .send(let text): connection.write(text)
            case .connected: return
            }
        }
    }

    /// The proxy has gone, not the server behind it.
    private func lost(_ error: MailError) -> MailError {
        MailError(
            .connectionLost,
            "the \(proxy.kind) proxy \(proxy.endpoint) ended the connection before it had reached \(connection.endpoint); "
                + "check the user name and password for the proxy and where it lets this computer go, or try again later",
            cause: error.cause
        )
    }
}

/// One kind of proxy, without input or output of its own.
protocol ProxyDialogue: InboundParser where Event == ProxyEvent {
    /// What is sent first.
    mutating func start() throws -> WireText
}
