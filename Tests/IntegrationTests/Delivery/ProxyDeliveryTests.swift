import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP
import TestSupport
import Testing

/// Mail through proxies to a real Postfix.
@Suite(.undisturbed) struct ProxyDeliveryTests {
    private func way(_ servers: MailServers, _ user: MailUser, _ security: String, _ proxy: String) throws -> Way {
        var way = try Way.submission(servers, user, security: security)
        // A name that exists nowhere but in the server's certificate: the proxy has to find it.
        way.host = MailServers.hostName
        way.lines.append("proxy: { \(proxy) }")
        way.secrets["proxy.secret"] = TestProxy.password
        return way
    }

    @Test(arguments: TestProxy.Kind.allCases)
    func `a proxy that demands a sign-in leads to Postfix, and TLS goes through it`(_ kind: TestProxy.Kind) async throws
    {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let proxy = try await TestProxy.start(kind)
        let keys = "type: \(kind.rawValue), host: 127.0.0.1, port: \(proxy.port)"
        let credentials = ", username: \(TestProxy.username), password: { file: proxy.secret }"
        for (number, security) in ["tls", "starttls"].enumerated() {
            let way = try way(servers, user, security, keys + credentials)
            let mail = try await Workstation(way, sender: user.address).client()
            #expect(try await mail.send(Message(to: [user.address], text: "x\n")).isComplete)
            #expect(try proxy.targets().last == "\(MailServers.hostName):\(way.port)")
            #expect(try await servers.mailbox(of: user).messages(number + 1).count == number + 1)
        }
        await proxy.stop()
    }

    @Test(arguments: TestProxy.Kind.allCases)
    func `a proxy that refuses the sign-in is named, and nobody has the message`(_ kind: TestProxy.Kind) async throws {
        let servers = try await MailServers.shared()
        let user = try servers.addUser()
        let proxy = try await TestProxy.start(kind)
        let keys = "type: \(kind.rawValue), host: 127.0.0.1, port: \(proxy.port)"
        for credentials in ["", ", username: somebody, password: { file: proxy.secret }"] {
            let way = try way(servers, user, "tls", keys + credentials)
            let mail = try await Workstation(way, sender: user.address).client()
            let error = try await mailError { try await mail.send(Message(to: [user.address], text: "x\n")) }
            #expect(error.certainty == .notTaken && error.message.contains("proxy"), "\(error)")
            #expect(!error.detailedDescription().contains(TestProxy.password))
        }
        #expect(try proxy.targets().isEmpty)
        await proxy.stop()
    }
}
