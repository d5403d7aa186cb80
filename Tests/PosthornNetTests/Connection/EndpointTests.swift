import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Endpoints and addresses", .undisturbed)
struct EndpointTests {
    @Test(
        "This computer is known by its own names and addresses alone",
        arguments: [
            ("localhost", true), ("LOCALHOST", true), ("localhost.", true), ("127.0.0.1", true), ("127.255.0.9", true),
            ("::1", true), ("0:0:0:0:0:0:0:1", true), ("::ffff:127.0.0.1", true), ("::ffff:10.0.0.1", false),
            ("::", false), ("0.0.0.0", false), ("126.0.0.1", false), ("localhost.example", false),
            ("a.localhost", false), ("127.0.0.1.example", false), ("127.1", false), ("", false), ("fe80::1%lo", false),
        ]
    )
    func loopback(host: String, expected: Bool) {
        #expect(Endpoint(host: host, port: 25).isLoopback == expected)
    }

    @Test("Endpoints are written with brackets where they are needed")
    func description() {
        #expect(Endpoint(host: "::1", port: 465).description == "[::1]:465")
        #expect(Endpoint(host: "mail.example.org", port: 587).description == "mail.example.org:587")
    }

    @Test("A port that is none is refused", arguments: [-1, 0, 65_536])
    func ports(port: Int) async {
        let result = await failing {
            _ = try await Connection.connect(to: Endpoint(host: "127.0.0.1", port: port), options: Net.options())
        }
        #expect(result.error?.code == .misuse)
    }

    @Test("A password goes in the clear to this computer itself, and not through a proxy", arguments: [false, true])
    func plaintext(throughProxy: Bool) async throws {
        let server = try TestServer { peer in
            if throughProxy {
                _ = try peer.read(3)
                try peer.send([5, 0])
                _ = try peer.read(10)
                try peer.send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            }
            peer.drain()
        }
        let options = Net.options {
            if throughProxy { $0.proxy = ProxyServer(kind: .socks5, endpoint: server.endpoint) }
        }
        let connection = try await Connection.connect(to: server.endpoint, options: options)
        let negotiator = SASLNegotiator(
            offered: ["PLAIN"],
            allowed: [],
            credentials: SASLCredentials(username: "u", password: Secret("p")),
            connection: connection
        )
        if throughProxy {
            #expect(throws: MailError.self) { try negotiator.choose() }
        } else {
            #expect(try negotiator.choose().name == "PLAIN")
        }
        await connection.closeGracefully()
    }
}
