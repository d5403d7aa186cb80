import NIOCore
import Posthorn
import TestSupport
import Testing

@testable import PosthornNet

@Suite("Which address is connected to", .undisturbed)
struct HappyEyeballsTests {
    private static func greeting(port: Int, addresses: [String], delay: Duration = .milliseconds(250)) async throws
        -> (text: String, address: String?)
    {
        let options = Net.options {
            $0.resolver = { _ in addresses }
            $0.attemptDelay = delay
        }
        let connection = try await Connection.connect(
            to: Endpoint(host: "mail.example.org", port: port),
            options: options
        )
        let line = try await connection.readLine(deadline: Net.deadline())
        let address = connection.info.peerAddress
        await connection.closeGracefully()
        return (Net.text(line), address)
    }

    private static func server() throws -> TestServer {
        try TestServer { peer in
            try peer.send("220 here\r\n")
            peer.drain()
        }
    }

    @Test("A first address that refuses costs nothing: the next is tried at once")
    func refused() async throws {
        let server = try Self.server()
        for dead in [["::1"], ["127.0.0.2"], ["::1", "127.0.0.3"]] {
            let result = try await Self.greeting(
                port: server.port,
                addresses: dead + ["127.0.0.1"],
                delay: .seconds(3_600)
            )
            #expect(result.text == "220 here")
            #expect(result.address == "127.0.0.1")
        }
    }

    @Test("A first address that does not answer is overtaken after the delay, and its attempt is given up")
    func silent() async throws {
        let full = try FullListener()
        defer { full.stop() }
        // The same port on two addresses: the silent one on 127.0.0.1, the good one on ::1.
        let server = try TestServer(ipv6: true, port: full.endpoint.port) { peer in
            try peer.send("220 here\r\n")
            peer.drain()
        }
        let result = try await Self.greeting(
            port: server.port,
            addresses: ["127.0.0.1", "::1"],
            delay: .milliseconds(50)
        )
        #expect(result.text == "220 here")
        #expect(result.address == "::1")
        #expect(await OpenSockets.areGone(port: full.endpoint.port, except: 4))
    }

    @Test("If nobody answers, the error names every address and why, or the time")
    func nobody() async throws {
        let port = try TestServer.deadPort()
        let refused = await failing { _ = try await Self.greeting(port: port, addresses: ["127.0.0.1", "127.0.0.2"]) }
        #expect(refused.error?.code == .connectionFailed)
        #expect(refused.error?.message.contains("127.0.0.1: Connection refused") == true)
        #expect(refused.error?.message.contains("127.0.0.2: Connection refused") == true)
        let full = try FullListener()
        defer { full.stop() }
        let silent = await failing {
            let options = Net.options { $0.timeouts.connect = .milliseconds(200) }
            _ = try await Connection.connect(to: full.endpoint, options: options)
        }
        #expect(silent.error?.code == .timedOut)
        #expect(silent.error?.message.contains("firewall") == true)
        #expect(await OpenSockets.areGone(port: full.endpoint.port, except: 4))
    }

    @Test("A name without addresses, one that is not resolved, and one for which that takes too long")
    func names() async throws {
        let none = await failing { _ = try await Self.greeting(port: 25, addresses: []) }
        #expect(none.error?.code == .connectionFailed)
        let unknown = await failing {
            _ = try await Connection.connect(
                to: Endpoint(host: "no-such-name.invalid", port: 25),
                options: Net.options()
            )
        }
        #expect(unknown.error?.code == .connectionFailed)
        #expect(unknown.error?.message.contains("no-such-name.invalid") == true)
        let slow = await failing {
            let options = Net.options {
                $0.timeouts.connect = .milliseconds(200)
                $0.resolver = { _ in
                    try await Task.sleep(for: .seconds(20))
                    return []
                }
            }
            _ = try await Connection.connect(to: Endpoint(host: "slow.example.org", port: 25), options: options)
        }
        #expect(slow.error?.code == .timedOut)
        #expect(slow.error?.message.contains("resolved") == true)
    }

    @Test("Families take turns, beginning with the resolver's first; no address twice")
    func interleaved() throws {
        let list = try NameResolver.addresses(
            ["2001:db8::1", "2001:db8::2", "2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3"],
            port: 25
        )
        #expect(
            NameResolver.interleaved(list).map(\.ipAddress) == [
                "2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3",
            ]
        )
        #expect(NameResolver.interleaved([]).isEmpty)
    }

    @Test("The system's resolver knows localhost")
    func localhost() async throws {
        let server = try Self.server()
        let connection = try await Connection.connect(
            to: Endpoint(host: "localhost", port: server.port),
            options: Net.options()
        )
        #expect(Net.text(try await connection.readLine(deadline: Net.deadline())) == "220 here")
        await connection.closeGracefully()
    }
}
