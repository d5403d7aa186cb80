import Foundation
import Logging
import Posthorn
import PosthornNet
import TestSupport

@testable import PosthornPOP3

/// Makes a store through the settings file, as hosts do.
///
/// - Parameters:
///   - settings: the body of `incoming.pop3` in YAML flow form without braces, besides host, port and security.
func makeStore(
    port: Int,
    _ settings: String = "",
    security: String = "none",
    plugin: POP3Plugin = POP3Plugin(),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
) throws -> POP3Store {
    let more = settings.isEmpty ? "" : ", " + settings
    let text = """
        client: test
        use: { incoming: pop3 }
        incoming:
          pop3: { host: localhost, port: \(port), security: \(security)\(more) }
        """
    let loaded = try SettingsFile.text(text).load(plugins: PluginRegistry([plugin]), runningClient: "test")
    guard let store = try loaded.instantiate(logger: logger).incoming["pop3"] as? POP3Store else {
        throw SettingsError("the settings made no POP3 store")
    }
    return store
}

extension POP3Store {
    /// The same account at another server on this computer: thousands of stores cost too much by way of settings files.
    func moved(to port: Int) throws -> POP3Store {
        var settings = settings
        settings.net.endpoint = Endpoint(host: "127.0.0.1", port: port)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return try POP3Store(
            settings: settings,
            context: PluginContext(account: account, client: "test", logger: logger)
        )
    }
}

/// A password as settings take it from a file that only this user can read.
func passwordFile(_ password: String, in directory: TemporaryDirectory) throws -> String {
    try directory.write(password, to: "password-\(UInt32.random(in: 0 ... .max))", permissions: 0o600).path
}

/// A store of a user of the real Dovecot, and a directory that must live as long.
func makeStore(
    _ servers: MailServers,
    _ user: MailUser,
    _ settings: String = "",
    security: String = "tls",
    plugin: POP3Plugin = POP3Plugin()
) throws -> (store: POP3Store, directory: TemporaryDirectory) {
    let directory = try TemporaryDirectory()
    var more = "username: \"\(user.name)\", password: { file: \(try passwordFile(user.password, in: directory)) }"
    if let authority = servers.authority { more += ", tls: { trust: \(authority.path) }" }
    if !settings.isEmpty { more += ", " + settings }
    let port = security == "tls" ? servers.pop3sPort : servers.pop3Port
    return (try makeStore(port: port, more, security: security, plugin: plugin), directory)
}
