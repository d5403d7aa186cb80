import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Writes what a Postfix needs that lives in one directory: its configuration, its queue, its data.
struct PostfixConfiguration {
    var root: URL
    var ports: ServerPorts
    var tablePort: Int
    var certificate: ServerCertificate
    var options: ServerOptions

    private var main: [(String, String)] {
        let table = "socketmap:inet:127.0.0.1:\(tablePort)"
        return [
            ("compatibility_level", "3.6"),
            ("queue_directory", "\(root.path)/queue"),
            ("data_directory", "\(root.path)/data"),
            ("command_directory", "/usr/sbin"),
            ("daemon_directory", Self.daemonDirectory),
            ("meta_directory", "/etc/postfix"),
            ("mail_owner", "postfix"),
            ("setgid_group", "postdrop"),
            ("maillog_file", "\(root.path)/postfix.log"),
            ("maillog_file_prefixes", root.path),

            ("myhostname", "mail.posthorn.test"),
            ("mydomain", "posthorn.test"),
            ("mydestination", ""),
            ("mynetworks", "127.0.0.0/8"),
            ("inet_interfaces", "127.0.0.1"),
            ("inet_protocols", "ipv4"),
            ("smtpd_peername_lookup", "no"),
            ("disable_dns_lookups", "yes"),
            ("smtp_host_lookup", "native"),

            // Mailboxes: LMTP into Dovecot. Its LMTP knows no SMTPUTF8; so some domains go by its delivery program.
            ("virtual_mailbox_domains", MailServers.domains.joined(separator: ", ")),
            ("virtual_mailbox_maps", "\(table):mailboxes"),
            ("virtual_transport", "lmtp:unix:private/dovecot-lmtp"),
            ("lda_destination_recipient_limit", "1"),
            ("alias_maps", ""),
            ("alias_database", ""),
            ("local_recipient_maps", ""),
            ("recipient_delimiter", "+"),
            (
                "transport_maps",
                "inline:{ {utf8.posthorn.test = lda:} {bücher.posthorn.test = lda:}"
                    + " {xn--bcher-kva.posthorn.test = lda:}"
                    + " {bounce.test = error:5.1.1 nobody lives here} {defer.test = retry:4.4.1 nobody answers} }"
            ),
            // Nothing ever leaves the machine: mail for foreign domains is taken and thrown away.
            ("default_transport", "discard:"),
            ("relay_transport", "discard:"),

            ("message_size_limit", "\(options.messageSizeLimit)"),
            ("mailbox_size_limit", "0"),
            ("smtputf8_enable", "yes"),
            // The bytes of a message stay as they came.
            ("local_header_rewrite_clients", ""),

            ("smtpd_tls_chain_files", "\(certificate.key.path), \(certificate.chain.path)"),
            ("smtpd_tls_security_level", "may"),
            ("smtpd_tls_auth_only", "yes"),
            ("smtpd_tls_received_header", "yes"),
            ("smtpd_tls_loglevel", "1"),
            ("smtpd_sasl_type", "dovecot"),
            ("smtpd_sasl_path", "private/auth"),
            ("smtpd_sasl_authenticated_header", "yes"),
            ("smtpd_relay_restrictions", "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"),
            ("smtpd_recipient_restrictions", "check_recipient_access \(table):replies"),

            // Tests make many connections and many mistakes.
            ("smtpd_client_connection_count_limit", "0"),
            ("smtpd_error_sleep_time", "0"),
            ("smtpd_soft_error_limit", "1000"),
            ("smtpd_hard_error_limit", "1000"),
            ("smtpd_junk_command_limit", "1000"),
            ("in_flow_delay", "0"),
            ("queue_run_delay", "5s"),
            ("minimal_backoff_time", "5s"),
        ] + options.postfix.sorted { $0.key < $1.key }
    }

    private var master: String {
        let required =
            "-o smtpd_sasl_auth_enable=yes -o { smtpd_client_restrictions = permit_sasl_authenticated, reject }"
        return """
            127.0.0.1:\(ports.relay) inet n - n - - smtpd
            127.0.0.1:\(ports.submission) inet n - n - - smtpd -o smtpd_tls_security_level=encrypt \(required)
            127.0.0.1:\(ports.submissions) inet n - n - - smtpd -o smtpd_tls_wrappermode=yes \(required)
            postlog unix-dgram n - n - 1 postlogd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            proxywrite unix - - n - 1 proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            lda unix - n n - - pipe flags=R user=nobody:nogroup argv=/usr/lib/dovecot/dovecot-lda -e -c \(root.path)/dovecot.conf -o log_path=/dev/stderr -a user@posthorn.test -d ${user}
            lmtp unix - - n - - lmtp
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache

            """
    }

    static let daemonDirectory =
        ["/usr/lib/postfix/sbin", "/usr/libexec/postfix"].first { access("\($0)/master", X_OK) == 0 }
        ?? "/usr/lib/postfix/sbin"

    /// Writes the files and makes the directories with the owners that Postfix insists on.
    func write() throws {
        guard
            let owner = getpwnam("postfix")?.pointee.pw_uid, let drop = getgrnam("postdrop")?.pointee.gr_gid
        else {
            throw SupportError("Postfix is not installed; run scripts/install-deps test")
        }
        let etc = root.appending(path: "etc")
        try FileManager.default.createDirectory(at: etc, withIntermediateDirectories: true)
        let lines = main.map { "\($0.0) = \($0.1)\n" }.joined()
        try Data(lines.utf8).write(to: etc.appending(path: "main.cf"))
        try Data(master.utf8).write(to: etc.appending(path: "master.cf"))
        // Postfix waits until a file that has just been written is two seconds old.
        let past = Date(timeIntervalSinceNow: -60)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: "\(etc.path)/main.cf")

        try makeDirectory("queue", 0o755, owner: 0)
        try makeDirectory("queue/pid", 0o755, owner: 0)
        try makeDirectory("data", 0o700, owner: owner)
        for name in [
            "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
            "trace",
        ] {
            try makeDirectory("queue/\(name)", 0o700, owner: owner)
        }
        try makeDirectory("queue/maildrop", 0o1730, owner: owner, group: drop)
        try makeDirectory("queue/public", 0o2710, owner: owner, group: drop)
    }

    private func makeDirectory(_ name: String, _ mode: mode_t, owner: uid_t, group: gid_t = 0) throws {
        let path = root.appending(path: name).path
        guard mkdir(path, mode) == 0, chown(path, owner, group) == 0, chmod(path, mode) == 0 else {
            throw SupportError.system("making \(path)", errno)
        }
    }
}
