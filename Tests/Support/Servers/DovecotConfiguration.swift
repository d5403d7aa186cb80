import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Writes what a Dovecot needs that lives in one directory.
struct DovecotConfiguration {
    var root: URL
    var ports: ServerPorts
    var certificate: ServerCertificate
    var options: ServerOptions

    private var text: String {
        """
        base_dir = \(root.path)/run
        state_dir = \(root.path)/state
        instance_name = \(root.lastPathComponent)
        log_path = \(root.path)/dovecot.log
        protocols = imap pop3 lmtp submission
        listen = 127.0.0.1, 127.0.0.2
        shutdown_clients = yes

        ssl = yes
        ssl_cert = <\(certificate.chain.path)
        ssl_key = <\(certificate.key.path)
        ssl_min_protocol = TLSv1.2
        disable_plaintext_auth = yes

        auth_mechanisms = \(options.mechanisms.joined(separator: " "))
        auth_username_format = %Ln
        auth_username_chars =
        auth_verbose = yes
        auth_failure_delay = 0
        passdb {
          driver = passwd-file
          mechanisms = \(options.mechanisms.filter { !Self.tokenMechanisms.contains($0) }.joined(separator: " "))
          args = \(root.path)/users/%n
        }
        passdb {
          driver = oauth2
          mechanisms = \(Self.tokenMechanisms.joined(separator: " "))
          args = \(root.path)/oauth2.conf
        }
        userdb {
          driver = passwd-file
          args = \(root.path)/users/%n
          default_fields = uid=\(MailServers.owner.uid) gid=\(MailServers.owner.gid) home=\(root.path)/mail/%n
        }
        first_valid_gid = 1
        mail_location = maildir:~/Maildir
        mail_save_crlf = yes
        mail_max_userip_connections = 1000
        postmaster_address = postmaster@posthorn.test

        service imap-login {
          service_count = 0
          inet_listener imap {
            port = \(ports.imap)
          }
          inet_listener imaps {
            port = \(ports.imaps)
            ssl = yes
          }
        }
        service pop3-login {
          service_count = 0
          inet_listener pop3 {
            port = \(ports.pop3)
          }
          inet_listener pop3s {
            port = \(ports.pop3s)
            ssl = yes
          }
        }
        # Takes mail from its own users and hands it to Postfix.
        hostname = mail.posthorn.test
        submission_relay_host = 127.0.0.1
        submission_relay_port = \(ports.relay)
        service submission-login {
          service_count = 0
          inet_listener submission {
            port = 0
          }
          inet_listener submissions {
            port = \(ports.dovecotSubmissions)
            ssl = yes
          }
        }
        service lmtp {
          inet_listener lmtp {
            port = \(ports.lmtp)
          }
          unix_listener \(root.path)/queue/private/dovecot-lmtp {
            user = postfix
            mode = 0600
          }
        }
        service auth {
          unix_listener \(root.path)/queue/private/auth {
            user = postfix
            mode = 0600
          }
          unix_listener auth-userdb {
            mode = 0666
          }
        }
        service stats {
          unix_listener stats-writer {
            mode = 0666
          }
        }
        # Dovecot makes a client wait after the failures of others from the same address.
        service anvil {
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }
        namespace inbox {
          inbox = yes
        }
        protocol imap {
          mail_plugins =
        }
        \(options.dovecot)

        """
    }

    private static let tokenMechanisms = ["oauthbearer", "xoauth2"]

    /// The key that the tokens of `MailServers.oauthToken(for:)` are signed with.
    static let tokenKey = "a key of the tests, for tokens of the tests"

    func write() throws {
        try Data(text.utf8).write(to: root.appending(path: "dovecot.conf"))
        let oauth = """
            introspection_mode = local
            local_validation_key_dict = fs:posix:prefix=\(root.path)/keys/
            username_attribute = sub

            """
        try Data(oauth.utf8).write(to: root.appending(path: "oauth2.conf"))
        let keys = root.appending(path: "keys/default/HS256")
        try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
        try Data(Data(Self.tokenKey.utf8).base64EncodedString().utf8).write(to: keys.appending(path: "default"))
        for name in ["mail", "state", "users"] {
            let directory = root.appending(path: name)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
        let mail = root.appending(path: "mail").path
        guard chown(mail, MailServers.owner.uid, MailServers.owner.gid) == 0 else {
            throw SupportError.system("chown \(mail)", errno)
        }
    }
}
