import Posthorn
import PosthornNet

/// One command, to be written when it is known what the server takes.
struct IMAPCommand: Sendable {
    /// The words that it begins with, such as `UID FETCH`; for texts to people.
    let name: String
    private let arguments: @Sendable (inout IMAPCommandWriter) throws(MailError) -> Void

    init(
        _ name: String,
        _ arguments: @escaping @Sendable (inout IMAPCommandWriter) throws(MailError) -> Void = { _ throws(MailError) in
        }
    ) {
        self.name = name
        self.arguments = arguments
    }

    /// The command as it goes over the wire.
    ///
    /// - Parameter tag: Letters and digits.
    /// - Throws: ``MailError`` with code `misuse` for an argument that a command cannot carry. Nothing is sent then.
    func encoded(tag: String, _ encoding: IMAPEncoding) throws(MailError) -> [IMAPCommandPiece] {
        var writer = IMAPCommandWriter(encoding)
        try writer.atom(tag, "tag")
        writer.raw(" \(name)")
        try arguments(&writer)
        return writer.finish()
    }

    /// The end of IDLE.
    static let done = WireText.line("DONE")
    /// The way out of AUTHENTICATE.
    static let cancelAuthentication = WireText.line("*")

    /// The client's step in AUTHENTICATE: base64, which no log shows.
    static func authenticationStep(_ octets: [UInt8]) -> WireText { .line(.secret(Base64.encode(octets))) }
}

// Commands of every state, and those before the sign-in (RFC 9051 sections 6.1 and 6.2).
extension IMAPCommand {
    static let capability = IMAPCommand("CAPABILITY")
    static let noop = IMAPCommand("NOOP")
    static let logout = IMAPCommand("LOGOUT")
    static let startTLS = IMAPCommand("STARTTLS")
    /// RFC 4978
    static let compress = IMAPCommand("COMPRESS DEFLATE")
    /// RFC 8437
    static let unauthenticate = IMAPCommand("UNAUTHENTICATE")

    /// - Parameter initial: With SASL-IR (RFC 4959) only.
    static func authenticate(_ mechanism: String, initial: [UInt8]? = nil) -> IMAPCommand {
        IMAPCommand("AUTHENTICATE") { writer throws(MailError) in
            writer.space()
            try writer.atom(mechanism, "name of the sign-in mechanism")
            guard let initial else { return }
            writer.space()
            // An empty one is `=` (RFC 4959 section 3).
            if initial.isEmpty { writer.raw("=") } else { writer.secretOctets(Base64.encode(initial)) }
        }
    }

    /// - Parameter encodedInitial: The first response as it goes over the wire (RFC 4959): base64, or `=`.
    static func authenticate(_ mechanism: String, encodedInitial: WireText) -> IMAPCommand {
        IMAPCommand("AUTHENTICATE") { writer throws(MailError) in
            writer.space()
            try writer.atom(mechanism, "name of the sign-in mechanism")
            writer.space()
            writer.wire(encodedInitial)
        }
    }

    static func login(user: String, password: Secret) -> IMAPCommand {
        IMAPCommand("LOGIN") { writer throws(MailError) in
            writer.space()
            try writer.string(user, "user name")
            writer.space()
            try writer.secret(password, "password")
        }
    }

    /// RFC 5161
    static func enable(_ capabilities: [String]) -> IMAPCommand {
        IMAPCommand("ENABLE") { writer throws(MailError) in
            for capability in capabilities {
                writer.space()
                try writer.atom(capability, "name of the extension")
            }
        }
    }

    /// RFC 2971: at most 30 fields, names of at most 30 octets, values of at most 1,024.
    static func id(_ fields: [IMAPIDField]) -> IMAPCommand {
        IMAPCommand("ID") { writer throws(MailError) in
            guard !fields.isEmpty else { return writer.raw(" NIL") }
            guard fields.count <= 30,
                fields.allSatisfy({ $0.name.utf8.count <= 30 && $0.value?.utf8.count ?? 0 <= 1_024 })
            else {
                throw MailError(
                    .misuse,
                    "ID takes at most 30 fields with names of at most 30 and values of at most 1024 octets; shorten them"
                )
            }
            writer.space()
            try writer.list(fields) { writer, field throws(MailError) in
                try writer.string(field.name, "name of the ID field")
                writer.space()
                try writer.nstring(field.value, "value of the ID field")
            }
        }
    }
}
