import ArgumentParser
import Posthorn
import PosthornSMTP
import PosthornTesting

/// `posthorn demo`
struct DemoCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The whole round without an account: start a server, send a message, read it back, compare.",
        discussion: "Everything happens inside this program and on 127.0.0.1; nothing is left behind."
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        console.say("1. A mail server is started inside this program.")
        let stage = try await DemoStage.open()
        do {
            let code = try await play(stage, on: console)
            await stage.close()
            return code
        } catch {
            await stage.close()
            throw error
        }
    }

    private func play(_ stage: DemoStage, on console: Console) async throws -> ExitCode {
        console.say("   It listens on 127.0.0.1, port \(stage.server.port), with TLS and a sign-in (SCRAM-SHA-256).")
        console.say("2. A settings file is written, as a workstation would have it:")
        for line in stage.settings.split(separator: "\n") { console.say("     \(line)") }
        let mail = try await PosthornClient(
            settings: .file(stage.settingsFile),
            plugins: [.smtp],
            client: "demo",
            logger: StandardErrorLog.logger(console, isVerbose: output.verbose)
        )

        let demo = DemoMessage()
        console.say(
            "3. A message is built: text, HTML with an image in it, an attachment of "
                + "\(Size.text(UInt64(demo.attachment.count)))."
        )
        let message = try demo.build()

        console.say("4. It is sent:")
        let receipt = try await mail.send(message)
        for line in Receipt.lines(receipt, console.output) { console.say("   \(line)") }
        await mail.close()

        console.say("5. It is read back from the server's mailbox:")
        guard let received = try await stage.server.waitForMessages(count: 1).first else {
            throw MailError(.protocolViolation, "the server took the message but does not have it")
        }
        let mailbox = try await DemoMailbox(received.bytes)
        show(received, mailbox, on: console)

        console.say("6. What arrived is compared with what was sent (SHA-256):")
        return compare(demo, mailbox, receipt, on: console)
    }

    private func show(_ received: ReceivedMessage, _ mailbox: DemoMailbox, on console: Console) {
        let terminal = console.output
        let encryption = received.isEncrypted ? "encrypted" : "not encrypted"
        console.say(
            "     signed in as '\(received.user ?? "nobody")' by \(received.mechanism ?? "nothing"), \(encryption)"
        )
        for name in [HeaderName.from, .to, .subject, .date, .messageID] {
            console.say("     \(name): \(PeerText.shown(mailbox.header[name] ?? ""))")
        }
        for (index, part) in mailbox.parts.enumerated() {
            let indent = String(repeating: "  ", count: part.depth)
            let following = mailbox.parts.dropFirst(index + 1).first { $0.depth <= part.depth }
            let branch = !terminal.showsUnicode ? "- " : following?.depth == part.depth ? "├ " : "└ "
            let mark = part.depth == 0 ? "" : branch
            let size = part.octets.map { "  \(Size.text(UInt64($0.count))), \(part.encoding)" } ?? ""
            let name = part.fileName.map { "  '\(PeerText.shown($0))'" } ?? ""
            console.say("     \(indent)\(mark)\(PeerText.shown(part.contentType))\(name)\(size)")
        }
    }

    private func compare(
        _ demo: DemoMessage,
        _ mailbox: DemoMailbox,
        _ receipt: SendReceipt,
        on console: Console
    ) -> ExitCode {
        let leaves = mailbox.parts.filter { $0.octets != nil }
        var isEqual = leaves.count == demo.expected.count
        var results: [JSONValue] = []
        for (part, expected) in zip(leaves, demo.expected) {
            let same = DemoMailbox.isEqual(part, to: expected.octets)
            isEqual = isEqual && same
            let digest = SHA256.hex(part.octets ?? [])
            let mark = same ? console.output.good : console.output.bad
            let what = expected.what + String(repeating: " ", count: max(1, 15 - expected.what.count))
            console.say("     \(mark) \(what)\(digest.prefix(16))…  \(same ? "the same" : "NOT the same")")
            results.append([
                "content_type": .string(part.contentType), "filename": .text(part.fileName),
                "size": .number(Int64(part.octets?.count ?? 0)), "sha256": .string(digest), "equal": .bool(same),
            ])
        }
        console.emit(["equal": .bool(isEqual), "parts": .array(results), "receipt": Receipt.json(receipt)])
        console.say(isEqual ? "What arrived is what was sent." : "What arrived is not what was sent.")
        return isEqual ? ExitCodes.done : ExitCodes.fault
    }
}
