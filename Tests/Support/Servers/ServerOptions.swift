/// What a test may want different of its own pair of servers.
package struct ServerOptions: Sendable {
    /// What both servers show; `nil`: one that is made for `localhost`, `mail.posthorn.test`, 127.0.0.1 and ::1.
    package var certificate: ServerCertificate?
    /// The largest message that Postfix takes, in octets; 0: no limit. Announced with SIZE.
    package var messageSizeLimit = 0
    /// The SASL mechanisms, in Dovecot's words.
    package var mechanisms = ["plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256", "oauthbearer", "xoauth2"]
    /// Lines added to Postfix' `main.cf` (a later one wins).
    package var postfix: [String: String] = [:]
    /// Text added to the end of `dovecot.conf`.
    package var dovecot = ""

    /// The usual servers.
    package init() {}
}

/// The ports of one pair of servers.
struct ServerPorts: Sendable {
    var submission: Int
    var submissions: Int
    var relay: Int
    var imap: Int
    var imaps: Int
    var pop3: Int
    var pop3s: Int
    var lmtp: Int
    var dovecotSubmissions: Int

    init() throws {
        submission = try FreePort.allocate()
        submissions = try FreePort.allocate()
        relay = try FreePort.allocate()
        imap = try FreePort.allocate()
        imaps = try FreePort.allocate()
        pop3 = try FreePort.allocate()
        pop3s = try FreePort.allocate()
        lmtp = try FreePort.allocate()
        dovecotSubmissions = try FreePort.allocate()
    }
}
