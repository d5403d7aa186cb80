import Foundation
import Logging
import Posthorn
import TestSupport

@testable import PosthornIMAP

/// Makes a store through the settings file, as hosts do.
///
/// - Parameters:
///   - settings: the body of `incoming.imap` in YAML flow form without braces, besides host, port and security.
func makeStore(
    port: Int,
    _ settings: String = "",
    security: String = "none",
    plugin: IMAPPlugin = IMAPPlugin(),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
) throws -> IMAPStore {
    let more = settings.isEmpty ? "" : ", " + settings
    let text = """
        client: test
        use: { incoming: imap }
        incoming:
          imap: { host: localhost, port: \(port), security: \(security)\(more) }
        """
    let loaded = try SettingsFile.text(text).load(plugins: PluginRegistry([plugin]), runningClient: "test")
    guard let store = try loaded.instantiate(logger: logger).incoming["imap"] as? IMAPStore else {
        throw SettingsError("the settings made no IMAP store")
    }
    return store
}

/// A store of a user of the real Dovecot, and a directory that must live as long.
func makeStore(
    _ servers: MailServers,
    _ user: MailUser,
    _ settings: String = "",
    security: String = "tls",
    plugin: IMAPPlugin = IMAPPlugin()
) throws -> (store: IMAPStore, directory: TemporaryDirectory) {
    let directory = try TemporaryDirectory()
    let password = try directory.write(user.password, to: "password", permissions: 0o600).path
    var more = "username: \"\(user.name)\", password: { file: \(password) }"
    if let authority = servers.authority { more += ", tls: { trust: \(authority.path) }" }
    if !settings.isEmpty { more += ", " + settings }
    let port = security == "tls" ? servers.imapsPort : servers.imapPort
    return (try makeStore(port: port, more, security: security, plugin: plugin), directory)
}
