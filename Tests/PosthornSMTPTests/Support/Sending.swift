import Logging
import Posthorn

@testable import PosthornSMTP

/// What came of a call of `send`.
enum Sent: CustomStringConvertible {
    case accepted(SendReceipt)
    case failed(MailError)
    case otherError(String)

    init(_ body: () async throws -> SendReceipt) async {
        do {
            self = .accepted(try await body())
        } catch let error as MailError {
            self = .failed(error)
        } catch {
            self = .otherError("\(error)")
        }
    }

    var receipt: SendReceipt? { if case .accepted(let receipt) = self { receipt } else { nil } }
    var error: MailError? { if case .failed(let error) = self { error } else { nil } }
    var certainty: DeliveryCertainty? { error?.certainty }

    var description: String {
        switch self {
        case .accepted(let receipt): "accepted \(receipt.recipients)"
        case .failed(let error): error.debugDescription
        case .otherError(let text): "another error: \(text)"
        }
    }
}

/// Makes a transport through the settings file, as hosts do.
///
/// - Parameters:
///   - settings: the body of `outgoing.smtp` in YAML flow form without braces, besides host, port and security. Without
///     `messages-per-connection`, a connection is used for one message.
func makeTransport(
    port: Int,
    _ settings: String = "",
    security: String = "none",
    plugin: SMTPPlugin = SMTPPlugin(),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
) throws -> SMTPTransport {
    var more = settings.isEmpty ? "" : ", " + settings
    // Most tests look at a session from its greeting to its QUIT.
    if !settings.contains("messages-per-connection") { more += ", messages-per-connection: 1" }
    let text = """
        client: test
        use: { outgoing: smtp }
        outgoing:
          smtp: { host: 127.0.0.1, port: \(port), security: \(security)\(more) }
        """
    let loaded = try SettingsFile.text(text).load(plugins: PluginRegistry([plugin]), runningClient: "test")
    guard let transport = try loaded.instantiate(logger: logger).outgoing["smtp"] as? SMTPTransport else {
        throw SettingsError("the settings made no SMTP transport")
    }
    return transport
}

/// Short limits, all alike.
func limits(_ milliseconds: Int) -> String {
    "timeouts: { connect: 60 s, reply: \(milliseconds) ms, transfer: \(milliseconds) ms }"
}

extension SendRequest {
    /// A small message.
    static func small(to recipients: [String] = ["b@example.org"], _ text: String = "Subject: x\r\n\r\nhi\r\n")
        -> SendRequest
    {
        with(.text(text), to: recipients)
    }

    static func with(_ content: MessageContent, to recipients: [String] = ["b@example.org"]) -> SendRequest {
        SendRequest(
            envelope: Envelope(sender: address("a@example.org"), recipients: recipients.map(address)),
            content: content,
            messageID: "<test@example.org>"
        )
    }

    /// A message of about that many octets, made while it is read.
    static func large(_ octets: Int) -> SendRequest {
        with(MessageContent(GeneratedContent(pieces: max(1, octets / GeneratedContent.piece.count))))
    }
}
