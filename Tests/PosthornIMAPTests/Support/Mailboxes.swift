import Foundation
import Logging
import Posthorn
import PosthornNet
import PosthornTesting
import TestSupport
import Testing

@testable import PosthornIMAP

/// Stands in no error and no transcript.
let password = "canary-of-the-password"

/// Small messages with what can go wrong in them.
let threeTexts = [
    "Subject: 1\r\n\r\nfirst\r\n", "Subject: 2\r\n\r\n)\r\n* 1 EXPUNGE\r\np4 OK {5}\r\n", "Subject: 3\r\n\r\nthird\r\n",
]

extension IMAPServerConfiguration {
    /// A server with an account and these messages in the inbox, with UIDs from 1 on.
    static func info(_ texts: [String] = threeTexts, _ security: ServerSecurity = .none) -> IMAPServerConfiguration {
        var configuration = IMAPServerConfiguration()
        configuration.security = security
        configuration.users = ["info": password]
        let messages = texts.map { IMAPServerMessage(text: $0) }
        configuration.mailboxes["info"] = [IMAPServerMailbox("INBOX", uidValidity: 7, messages: messages)]
        return configuration
    }

    /// The same with faults.
    func with(_ faults: IMAPServerFault...) -> IMAPServerConfiguration {
        var configuration = self
        configuration.faults += faults
        return configuration
    }

    /// The same without some of the extensions.
    func without(_ extensions: IMAPServerExtension...) -> IMAPServerConfiguration {
        var configuration = self
        configuration.extensions.subtract(extensions)
        return configuration
    }
}

extension IMAPTestServer {
    /// What lies in the inbox.
    var inbox: [String] { mailbox(of: "info")?.messages.map(\.text) ?? [] }
}

/// A store of the test server's account `info`.
///
/// - Parameters:
///   - signIn: the credentials in YAML flow form.
///   - tls: further keys of `tls`.
func makeStore(
    _ server: IMAPTestServer,
    _ settings: String = "",
    signIn: String = "username: info, password: \(password)",
    tls: String = "",
    plugin: IMAPPlugin = IMAPPlugin(),
    waiting: IMAPStore.Waiting? = nil
) throws -> IMAPStore {
    let hasTLS = server.configuration.security != .none
    let security = server.configuration.security == .startTLS ? "starttls" : hasTLS ? "tls" : "none"
    var more = signIn
    if hasTLS { more += ", tls: { trust: '\(try #require(server.authorityFile))'\(tls) }" }
    if !settings.isEmpty { more += ", " + settings }
    let store = try makeStore(port: server.port, more, security: security, plugin: plugin)
    return try waiting.map { try store.moved(to: server.port, waiting: $0) } ?? store
}

extension IMAPStore {
    /// The same account at another server on this computer: thousands of stores cost too much by way of settings files.
    func moved(to port: Int, waiting: Waiting = Waiting()) throws -> IMAPStore {
        var settings = settings
        settings.net.endpoint = Endpoint(host: "127.0.0.1", port: port)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let context = PluginContext(account: account, client: "test", logger: logger)
        return try IMAPStore(settings: settings, context: context, waiting: waiting)
    }
}

/// Limits of time for each reply and for what must come of a message.
func limits(_ milliseconds: Int) -> String {
    "timeouts: { connect: 60 s, reply: \(milliseconds) ms, transfer: \(milliseconds) ms }"
}

extension IMAPSession {
    /// Reads messages to their ends; those that the server does not give are left out.
    func read(_ ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: String] {
        var texts: [StoredMessage.ID: String] = [:]
        try await readEach(ids) { id, reader in
            var octets: [UInt8] = []
            do {
                while try await reader.read(into: &octets) {}
                texts[id] = String(decoding: octets, as: UTF8.self)
            } catch let error as MailError where error.code == .notFound {
                // What the message is worth without it is up to the test.
            }
        }
        return texts
    }
}

extension IMAPStore {
    /// Reads everything and deletes what was read, in one session.
    ///
    /// - Parameter read: hears every text that was read to its end.
    func readAndDelete(_ read: (String) -> Void = { _ in }) async throws {
        try await withSession { session in
            let ids = try await session.messages().map(\.id)
            var done: [StoredMessage.ID] = []
            try await session.readEach(ids) { id, reader in
                var octets: [UInt8] = []
                do {
                    while try await reader.read(into: &octets) {}
                    read(String(decoding: octets, as: UTF8.self))
                    done.append(id)
                } catch let error as MailError where error.code == .notFound {}
            }
            try await session.delete(done)
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
        for secret in encoded + [password, "third"] {
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
