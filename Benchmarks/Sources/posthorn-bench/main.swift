import Foundation
import Posthorn
import PosthornMIME
import PosthornSMTP

let environment = ProcessInfo.processInfo.environment

func value(_ name: String) throws -> String {
    guard let value = environment[name] else { throw Complaint(text: "\(name) is not set") }
    return value
}

struct Complaint: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

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
    let path = try value("BENCH_OUT")
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    var octets = 0
    try await prepared.content.forEachPiece(for: .sevenBit) { piece in
        try file.write(contentsOf: piece)
        octets += piece.count
    }
    try file.close()
    return octets
}

func settings() throws -> String {
    let security = ["implicit": "tls", "starttls": "starttls"][environment["BENCH_TLS"] ?? "none"] ?? "none"
    var yaml = """
        client: bench
        use: { outgoing: smtp }
        outgoing:
          smtp:
            host: \(try value("BENCH_HOST"))
            port: \(try value("BENCH_PORT"))
            security: \(security)

        """
    if security != "none" { yaml += "    tls: { trust: \(try value("BENCH_CA")) }\n" }
    if environment["BENCH_AUTH"] == "1" {
        yaml += "    username: \(try value("BENCH_USER"))\n    password: { env: BENCH_PASS }\n"
    }
    return yaml
}

func sendAttachment() async throws -> Int {
    let mail = try await PosthornClient(settings: .text(settings()), plugins: [.smtp], client: "bench")
    _ = try await mail.send(message())
    let size = try FileManager.default.attributesOfItem(atPath: value("BENCH_FILE"))[.size] as? Int
    return size ?? 0
}

do {
    let octets: Int
    switch CommandLine.arguments.dropFirst().first {
    case "mime-build": octets = try await buildIntoFile()
    case "smtp-attach": octets = try await sendAttachment()
    default: exit(64)
    }
    print(#"{"n":1,"bytes":\#(octets)}"#)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
