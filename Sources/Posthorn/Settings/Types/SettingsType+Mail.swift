extension SettingsType where Value == EmailAddress {
    /// A mail address: `info@kuechen-muster.example`.
    public static var emailAddress: Self {
        SettingsType(scalar: "mail address", example: "info@example.org", describe: { $0.description }) { text, _, _ in
            try EmailAddress(text.trimmed())
        }
    }
}

extension SettingsType where Value == Mailbox {
    /// A mail address with or without a name: `Küchenstudio Muster <info@kuechen-muster.example>`.
    public static var mailbox: Self {
        SettingsType(
            scalar: "mail address with or without a name",
            example: "Name <info@example.org>",
            describe: { $0.description },
            parse: { text, _, _ in try Mailbox(text) }
        )
    }
}

extension SettingsType where Value == String {
    /// A host name or an IP address, without scheme and port.
    public static var host: Self {
        SettingsType(scalar: "host name or IP address", example: "mail.example.org", describe: { $0 }) { text, _, _ in
            try HostText.parse(text)
        }
    }

    /// A path in the file system. A relative path starts at the directory of the file that it is written in;
    /// `~/` is the home directory. The value is absolute, unless the settings did not come from a file.
    public static var path: Self {
        SettingsType(scalar: "path", example: "certificates/own-ca.pem", describe: { $0 }) { text, node, machine in
            try SettingsPath.resolve(text, in: node.file.directory, machine: machine)
        }
    }
}
