import Posthorn
import PosthornMIME
import PosthornSMTP

// Without Foundation: the memory that a process starts with is a part of what is measured.

func message() throws -> Message {
    try Message(
        from: "Bench <bench@example.org>",
        to: ["sink@example.org"],
        subject: "Benchmark",
        text: "A message with one large attachment.",
        attachments: [.file(value("BENCH_FILE"))]
    )
}

func buildIntoFile() async throws -> Int {
    let prepared = try await message().prepare(MessageContext(defaultSender: nil, clientName: "bench"))
    let file = try OutputFile(value("BENCH_OUT"))
    defer { file.close() }
    var octets = 0
    try await prepared.content.forEachPiece(for: .sevenBit) { piece in
        try file.write(piece)
        octets += piece.count
    }
    return octets
}

func settings() throws -> String {
    let security = ["implicit": "tls", "starttls": "starttls"][optional("BENCH_TLS") ?? "none"] ?? "none"
    var yaml = """
        client: bench
        use: { outgoing: smtp }
        outgoing:
          smtp:
            host: \(try value("BENCH_HOST"))
            port: \(try value("BENCH_PORT"))
            security: \(security)
            connections: 1

        """
    if security != "none" { yaml += "    tls: { trust: \(try value("BENCH_CA")) }\n" }
    if optional("BENCH_AUTH") == "1" {
        yaml += "    username: \(try value("BENCH_USER"))\n    password: { env: BENCH_PASS }\n"
    }
    return yaml
}

/// Sends one message as often as wanted, over one connection: `smtp-send`.
func sendMany() async throws -> (messages: Int, octets: Int) {
    guard let count = Int(try value("BENCH_N")), count > 0 else { throw Complaint(text: "BENCH_N is not a number") }
    let octets = try contents(of: value("BENCH_MSG"))
    let envelope = Envelope(
        sender: try EmailAddress("sender@example.com"),
        recipients: [try EmailAddress("rcpt@example.com")]
    )
    let mail = try await PosthornClient(settings: .text(settings()), plugins: [.smtp], client: "bench")
    let messages = [RawMessage](repeating: RawMessage(bytes: octets, envelope: envelope), count: count)
    let outcomes = try await mail.send(batch: messages)
    await mail.close()
    for outcome in outcomes { _ = try outcome.get() }
    return (count, count * octets.count)
}

func sendAttachment() async throws -> Int {
    let mail = try await PosthornClient(settings: .text(settings()), plugins: [.smtp], client: "bench")
    _ = try await mail.send(message())
    await mail.close()
    return try size(of: value("BENCH_FILE"))
}

func line(_ messages: Int, _ octets: Int) -> String { #"{"n":\#(messages),"bytes":\#(octets)}"# }

do {
    switch CommandLine.arguments.dropFirst().first {
    case "mime-build": print(line(1, try await buildIntoFile()))
    case "smtp-attach": print(line(1, try await sendAttachment()))
    case "smtp-send":
        let (messages, octets) = try await sendMany()
        print(line(messages, octets))
    case "imap-bodies", "imap-stream":
        let (messages, octets) = try await IMAPFetching.bodies()
        print(line(messages, octets))
    case "imap-list":
        let (messages, octets) = try await IMAPFetching.list()
        print(line(messages, octets))
    case "pop-retr":
        let (messages, octets) = try await POP3Fetching.run()
        print(line(messages, octets))
    case "pop-store":
        let (messages, octets) = try await POP3Fetching.store()
        print(line(messages, octets))
    case "mime-parse": print(try MIMEParsing().line)
    case "mime-headers": print(try readHeaders())
    case "mime-growth": try MIMEGrowth.run()
    default: end(64)
    }
} catch {
    complain("\(error)")
    end(1)
}
