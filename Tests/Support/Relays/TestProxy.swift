/// A proxy that demands a sign-in, by SOCKS 5 (RFC 1928, 1929) or HTTP CONNECT; Python, so of another maker.
///
/// Every name leads to this computer: a client that resolves names itself does not get this far.
package final class TestProxy: Sendable {
    /// How the proxy is spoken to; the raw value is that of the settings.
    package enum Kind: String, Sendable, CaseIterable { case socks5, http }

    /// Who may use it.
    package static let username = "proxy-user"
    /// The password of `username`.
    package static let password = "proxy: sécret"

    /// The port on 127.0.0.1.
    package let port: Int
    private let process: ManagedProcess

    private init(port: Int, process: ManagedProcess) {
        self.port = port
        self.process = process
    }

    /// Starts a proxy.
    package static func start(_ kind: Kind) async throws -> TestProxy {
        let port = try FreePort.allocate()
        let process = try await ManagedProcess.start(
            Python.interpreter(),
            ["-I", "-u", "-c", script, kind.rawValue, "\(port)", username, password]
        )
        try await process.waitUntilListening(on: port)
        return TestProxy(port: port, process: process)
    }

    /// Where it was asked to connect to, such as `mail.example.org:25`.
    package func targets() throws -> [String] {
        try process.output().split(separator: "\n").map(String.init)
    }

    /// Stops the proxy.
    package func stop() async { await process.stop() }

    private static let script = """
        import base64, socket, sys, threading
        kind, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), sys.argv[4].encode()
        def take(client, count):
            data = b""
            while len(data) < count:
                part = client.recv(count - len(data))
                if not part: raise EOFError
                data += part
            return data
        def text(client): return take(client, take(client, 1)[0])
        def socks(client):
            version, count = take(client, 2)
            assert version == 5 and 2 in take(client, count)
            client.sendall(bytes([5, 2]))
            assert take(client, 1) == bytes([1])
            good = (text(client), text(client)) == (user, password)
            client.sendall(bytes([1, 0 if good else 1]))
            assert good and take(client, 4) == bytes([5, 1, 0, 3])
            name, number = text(client).decode(), int.from_bytes(take(client, 2), "big")
            return name, number, bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        def http(client):
            head = b""
            while not head.endswith(b"\\r\\n\\r\\n"): head += take(client, 1)
            lines = head.decode().split("\\r\\n")
            word = base64.b64encode(user + b":" + password).decode()
            if "Proxy-Authorization: Basic " + word not in lines:
                client.sendall(b"HTTP/1.1 407 Who are you?\\r\\n\\r\\n")
                raise EOFError
            name, number = lines[0].split(" ")[1].rsplit(":", 1)
            return name, int(number), b"HTTP/1.1 200 OK\\r\\n\\r\\n"
        def pump(source, target):
            try:
                while data := source.recv(65536): target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError: pass
        def serve(client):
            try:
                name, number, answer = (socks if kind == "socks5" else http)(client)
                print(f"{name}:{number}")
                server = socket.create_connection(("127.0.0.1", number))
                client.sendall(answer)
                threading.Thread(target=pump, args=(server, client), daemon=True).start()
                pump(client, server)
            except (EOFError, AssertionError, OSError): client.close()
        listener = socket.create_server(("127.0.0.1", port))
        while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """
}
