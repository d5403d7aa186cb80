import Foundation
import Posthorn
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornPOP3

/// Stands in no error and no transcript.
let password = "canary-of-the-password"

extension POP3ServerConfiguration {
    /// A server with an account and these messages, named `uid-1` and so on.
    static func info(_ texts: [String] = [], _ security: ServerSecurity = .none) -> POP3ServerConfiguration {
        var configuration = POP3ServerConfiguration()
        configuration.security = security
        configuration.users = ["info": password]
        configuration.messages["info"] = texts.enumerated().map { index, text in
            POP3ServerMessage(uid: "uid-\(index + 1)", text: text)
        }
        return configuration
    }

    /// The same with faults.
    func with(_ faults: POP3ServerFault...) -> POP3ServerConfiguration {
        var configuration = self
        configuration.faults += faults
        return configuration
    }

    /// The same without some of the extensions.
    func without(_ extensions: POP3ServerExtension...) -> POP3ServerConfiguration {
        var configuration = self
        configuration.extensions.subtract(extensions)
        return configuration
    }
}

/// Small messages with what can go wrong in them: dots, lone line feeds, nothing at all behind the header.
let threeTexts = [
    "Subject: 1\r\n\r\nfirst\r\n", "Subject: 2\r\n\r\n.\r\n..x\r\nlone\n.\nfeed\r\n", "Subject: 3\r\n\r\nthird\r\n",
]

/// A store of the test server's account `info`.
///
/// - Parameters:
///   - signIn: the credentials in YAML flow form.
///   - tls: further keys of `tls`.
func makeStore(
    _ server: POP3TestServer,
    _ settings: String = "",
    signIn: String = "username: info, password: \(password)",
    tls: String = "",
    plugin: POP3Plugin = POP3Plugin()
) throws -> POP3Store {
    let hasTLS = server.configuration.security != .none
    let security = server.configuration.security == .startTLS ? "starttls" : hasTLS ? "tls" : "none"
    var more = signIn
    if hasTLS { more += ", tls: { trust: '\(try #require(server.authorityFile))'\(tls) }" }
    if !settings.isEmpty { more += ", " + settings }
    return try makeStore(port: server.port, more, security: security, plugin: plugin)
}

/// Limits of time for each reply and for what must come of a message.
func limits(_ milliseconds: Int) -> String {
    "timeouts: { connect: 60 s, reply: \(milliseconds) ms, transfer: \(milliseconds) ms }"
}

extension POP3Session {
    /// Reads messages to their ends; those that the server does not give are left out.
    func read(_ ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: String] {
        var texts: [StoredMessage.ID: String] = [:]
        try await readEach(ids) { id, reader in
            var octets: [UInt8] = []
            do {
                while try await reader.read(into: &octets) {}
                texts[id] = String(decoding: octets, as: UTF8.self)
            } catch let error as MailError where error.code == .notFound || error.code == .refused {
                // What the message is worth without it is up to the test.
            }
        }
        return texts
    }
}

extension POP3Store {
    /// Reads everything and marks it for deletion, in one session.
    @discardableResult
    func readAndDelete() async throws -> [String] {
        try await withSession { session in
            let ids = try await session.messages().map(\.id)
            let texts = try await session.read(ids)
            try await session.delete(ids)
            return ids.compactMap { texts[$0] }
        }
    }
}

/// The error of some work, which must be a `MailError` without secrets and without the text of a message.
func failure<Result>(
    _ comment: Comment = "",
    sourceLocation: Testing.SourceLocation = #_sourceLocation,
    of work: () async throws -> Result
) async -> MailError? {
    do {
        _ = try await work()
        Issue.record("there was no error. \(comment)", sourceLocation: sourceLocation)
    } catch let error as MailError {
        let text =
            "\(error.detailedDescription()) \(error) \(error.debugDescription) \(String(describing: error.cause))"
        let encoded = [password, "\0info\0\(password)"].map { Data($0.utf8).base64EncodedString() }
        for secret in encoded + [password, "third", "feed"] {
            #expect(!text.contains(secret), "\(text)", sourceLocation: sourceLocation)
        }
        let isFit = text.unicodeScalars.allSatisfy {
            $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        }
        #expect(isFit, "\(text.debugDescription)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("\(error) is no MailError. \(comment)", sourceLocation: sourceLocation)
    }
    return nil
}
