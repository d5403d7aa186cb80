import PosthornTesting
import TestSupport

private let prelude = """
    import base64, hashlib, hmac, os, smtplib, socket, ssl, sys, json, time
    port = int(sys.argv[1]); authority = sys.argv[2]
    def trusting():
        return ssl.create_default_context(cafile=authority)
    MESSAGE = b"From: a@example.org\\r\\nSubject: Test\\r\\n\\r\\n.\\r\\n..dots\\r\\nend\\r\\n"
    def show(value):
        print(json.dumps(value))
    def connect():
        return socket.create_connection(("127.0.0.1", port), 30)
    def rest(connection):
        # All that comes until the end, and how it ends.
        octets = b""
        try:
            while True:
                piece = connection.recv(65536)
                if not piece: return [octets.decode(), "closed"]
                octets += piece
        except ConnectionResetError: return [octets.decode(), "reset"]
        except ssl.SSLEOFError: return [octets.decode(), "cut"]
        except socket.timeout: return [octets.decode(), "silent"]

    """

/// Runs a Python script that talks to the server, and gives what it printed.
func python(_ server: SMTPTestServer, _ script: String) async throws -> String {
    let result = try await run(
        "python3",
        ["-c", prelude + script, "\(server.port)", server.authorityFile ?? ""],
        timeout: .seconds(60)
    )
    return try result.check("the script").output
}
