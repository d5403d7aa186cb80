import Foundation

/// Somebody in the middle: ends the client's TLS with a certificate of its own and makes another connection over TLS to the
/// server, so that it reads everything. Python, so of another maker.
package final class DecryptingRelay: Sendable {
    /// The newest version of TLS that the client gets.
    package enum Version: String, Sendable, CaseIterable { case tls12 = "TLSv1_2", tls13 = "TLSv1_3" }

    /// The port on 127.0.0.1.
    package let port: Int
    private let process: ManagedProcess

    private init(port: Int, process: ManagedProcess) {
        self.port = port
        self.process = process
    }

    /// Starts a relay.
    ///
    /// - Parameters:
    ///   - target: The server's port on 127.0.0.1, with TLS from the start.
    ///   - issued: What the relay shows to the client.
    package static func start(
        to target: Int,
        showing issued: IssuedCertificate,
        _ version: Version
    ) async throws -> DecryptingRelay {
        let port = try FreePort.allocate()
        let process = try await ManagedProcess.start(
            Python.interpreter(),
            ["-I", "-c", script, "\(port)", "\(target)", issued.chain.path, issued.key.path, version.rawValue]
        )
        try await process.waitUntilListening(on: port)
        return DecryptingRelay(port: port, process: process)
    }

    /// Stops the relay.
    package func stop() async { await process.stop() }

    private static let script = """
        import socket, ssl, sys, threading
        port, target, chain, key, version = sys.argv[1:]
        front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        front.load_cert_chain(chain, key)
        front.maximum_version = ssl.TLSVersion[version]
        back = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        back.check_hostname, back.verify_mode = False, ssl.CERT_NONE
        def pump(source, target):
            try:
                while data := source.recv(65536): target.sendall(data)
            except OSError: pass
            try: target.shutdown(socket.SHUT_RDWR)
            except OSError: pass
        def serve(client):
            try:
                client = front.wrap_socket(client, server_side=True)
                server = back.wrap_socket(socket.create_connection(("127.0.0.1", int(target))))
                threading.Thread(target=pump, args=(server, client), daemon=True).start()
                pump(client, server)
            except OSError: client.close()
        listener = socket.create_server(("127.0.0.1", int(port)))
        while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """
}
