import Foundation
import PosthornTLS
import TestSupport
import Testing

/// A client and a server engine, and the octets between them.
final class Pair {
    let client: TLSEngine
    let server: TLSEngine
    /// What each side's first error was.
    var clientError: TLSError?
    var serverError: TLSError?
    /// How many octets are moved at once; all there are if `nil`.
    var pieceSize: Int?
    /// Changes what is on its way to the client.
    var tamper: (([UInt8]) -> [UInt8])?

    init(client: TLSEngine, server: TLSEngine) {
        self.client = client
        self.server = server
    }

    /// Starts both sides and moves octets until neither has any.
    func shake() {
        clientError = clientError ?? catching { try client.start() }
        serverError = serverError ?? catching { try server.start() }
        move()
    }

    /// Moves octets both ways until neither side has any. Plaintext that came is in `clientGot` and `serverGot`.
    func move() {
        var rounds = 0
        while (client.hasCiphertext || server.hasCiphertext) && rounds < 1000 {
            rounds += 1
            let toServer = client.takeCiphertext()
            serverError = serverError ?? deliver(toServer, to: server, into: &serverGot)
            var toClient = server.takeCiphertext()
            if let tamper { toClient = tamper(toClient) }
            clientError = clientError ?? deliver(toClient, to: client, into: &clientGot)
        }
    }

    var clientGot: [UInt8] = []
    var serverGot: [UInt8] = []

    private func deliver(_ octets: [UInt8], to engine: TLSEngine, into got: inout [UInt8]) -> TLSError? {
        var index = 0
        do throws(TLSError) {
            while index < octets.count {
                let end = min(index + (pieceSize ?? octets.count), octets.count)
                try engine.receive(Array(octets[index..<end]))
                got += try engine.takePlaintext()
                index = end
            }
            return nil
        } catch {
            return error
        }
    }
}

/// The error that the body throws; any other than ``TLSError`` is a failure of the test.
func catching(_ body: () throws -> Void) -> TLSError? {
    do {
        try body()
        return nil
    } catch let error as TLSError {
        return error
    } catch {
        Issue.record(error)
        return nil
    }
}

/// The configurations that most tests begin with.
enum Setup {
    static func client(
        trusting roots: URL,
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = TLSConfiguration(trustRoots: .file(roots.path))
        change(&configuration)
        return try TLSContext(configuration)
    }

    static func server(
        _ issued: IssuedCertificate,
        leafOnly: Bool = false,
        _ change: (inout TLSServerConfiguration) -> Void = { _ in }
    ) throws -> TLSServerContext {
        let chain = leafOnly ? issued.certificate : issued.chain
        var configuration = TLSServerConfiguration(
            identity: .pem(certificateChain: chain.path, privateKey: issued.key.path)
        )
        configuration.securityLevel = 0
        change(&configuration)
        return try TLSServerContext(configuration)
    }

    static func pair(
        _ client: TLSContext,
        _ server: TLSServerContext,
        name: String = "mail.example.org",
        session: TLSSession? = nil
    ) throws -> Pair {
        Pair(
            client: try TLSEngine(context: client, serverName: TLSServerName(name), session: session),
            server: try TLSEngine(serverContext: server)
        )
    }

    /// The outcome of one handshake with a certificate of the shared root.
    static func shake(
        _ request: CertificateRequest,
        name: String = "mail.example.org",
        client change: (inout TLSConfiguration) -> Void = { _ in },
        server changeServer: (inout TLSServerConfiguration) -> Void = { _ in }
    ) throws -> Pair {
        let authority = try CertificateAuthority.shared
        let issued = try authority.issue(request)
        let pair = try pair(
            client(trusting: authority.certificate, change),
            server(issued, changeServer),
            name: name
        )
        pair.shake()
        return pair
    }
}

/// Expects that both sides completed the handshake and that data flows both ways.
func expectConnected(_ pair: Pair, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(pair.clientError == nil, sourceLocation: sourceLocation)
    #expect(pair.serverError == nil, sourceLocation: sourceLocation)
    #expect(pair.client.handshakeState == .complete, sourceLocation: sourceLocation)
    #expect(pair.server.handshakeState == .complete, sourceLocation: sourceLocation)
    try pair.client.write(Array("EHLO".utf8))
    try pair.server.write(Array("250 OK".utf8))
    pair.move()
    #expect(pair.serverGot == Array("EHLO".utf8), sourceLocation: sourceLocation)
    #expect(pair.clientGot == Array("250 OK".utf8), sourceLocation: sourceLocation)
}
