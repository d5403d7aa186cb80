import Foundation
import PosthornTesting
import TestSupport
import Testing

@Suite("posthorn send", .undisturbed)
struct CLISendTests {
    @Test("sends to all recipients, those separated by commas too, and says who got it")
    func sends() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            let result = try await stage.posthorn(
                "send",
                "--to",
                "a@one.example,\"Muster, B\" <b@two.example>",
                "--to",
                "c@three.example",
                "--cc",
                "d@four.example",
                "--bcc",
                "e@five.example",
                "--subject",
                "Grüße",
                "--text",
                "Hallo"
            )
            #expect(result.code == 0, "\(result.errorOutput)")
            #expect(result.errorOutput == "")
            let message = try #require(stage.server.messages.first)
            #expect(
                message.recipients.map(\.address)
                    == ["a@one.example", "b@two.example", "c@three.example", "d@four.example", "e@five.example"]
            )
            #expect(message.sender == "info@kuechen-muster.example")
            #expect(!message.text.contains("five.example"))
            #expect(result.output.contains("5 recipients"))
            #expect(result.output.contains("ok   e@five.example"))
            #expect(result.output.contains(message.queueID))
            #expect(stage.server.violations == [])
        }
    }

    @Test("prints a receipt for machines")
    func receiptForMachines() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            let result = try await stage.posthorn(
                "send",
                "--json",
                "--to",
                "a@one.example",
                "--subject",
                "S",
                "--text",
                "T",
                "--notify",
                "failure,delay"
            )
            #expect(result.code == 0, "\(result.errorOutput)")
            let receipt = try result.object()
            #expect(
                Set(receipt.keys) == [
                    "outcome", "complete", "transport", "message_id", "queue_id", "reply", "recipients",
                    "ignored_options", "failed_attempts", "redirected_from", "copied_to", "notes",
                ]
            )
            #expect(receipt["outcome"] as? String == "accepted")
            #expect(receipt["transport"] as? String == "smtp")
            let message = try #require(stage.server.messages.first)
            #expect(receipt["queue_id"] as? String == message.queueID)
            #expect(message.text.contains("Message-ID: \(try #require(receipt["message_id"] as? String))"))
            let recipient = try #require((receipt["recipients"] as? [[String: Any]])?.first)
            #expect(recipient["address"] as? String == "a@one.example")
            #expect(recipient["status"] as? String == "accepted")
            #expect(message.recipients.first?.notify?.sorted() == ["DELAY", "FAILURE"])
        }
    }

    @Test("builds texts, HTML with an image, attachments, an invitation, priority and header fields")
    func builds() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            try stage.directory.write("<p><img src='cid:logo.png'></p>", to: "page.html")
            try stage.directory.write([1, 2, 3], to: "logo.png")
            try stage.directory.write(Array(0...255), to: "Angebot Küche.bin")
            try stage.directory.write(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
                to: "termin.ics"
            )
            let result = try await stage.posthorn(
                "send",
                "--to",
                "a@one.example",
                "--subject",
                "S",
                "--text-file",
                "-",
                "--html",
                "page.html",
                "--inline",
                "logo.png",
                "--attach",
                "Angebot Küche.bin",
                "--calendar",
                "termin.ics",
                "--priority",
                "high",
                "--header",
                "X-Order: 4711",
                "--reply-to",
                "answers@one.example",
                "--from",
                "Other <other@kuechen-muster.example>",
                input: "from the standard input\n"
            )
            #expect(result.code == 0, "\(result.errorOutput)")
            #expect(result.errorOutput == "")
            let message = try #require(stage.server.messages.first)
            let read = try await PythonParser.parse(message.bytes)
            #expect(read.parts.map(\.contentType).contains("text/calendar"))
            for wanted in [
                "X-Order: 4711", "Importance: high", "Reply-To: answers@one.example", "from the standard input",
                "From: Other <other@kuechen-muster.example>", "Content-ID: <logo.png>",
            ] {
                #expect(message.text.contains(wanted), "\(wanted)")
            }
        }
    }

    @Test("sends a ready message of a file and of the standard input, to others if --to says so")
    func readyMessage() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            let text = "From: a@one.example\nTo: b@two.example\nBcc: c@three.example\nSubject: S\n\nbody\n.\nend\n"
            try stage.directory.write(text, to: "ready.eml")
            #expect(try await stage.posthorn("send", "--message", "ready.eml").code == 0)
            #expect(try await stage.posthorn("send", "--message", "-", input: text).code == 0)
            #expect(
                try await stage.posthorn("send", "--message", "-", "--to", "x@other.example", input: text).code == 0
            )
            let messages = stage.server.messages
            #expect(
                messages.map { $0.recipients.map(\.address) } == [
                    ["b@two.example", "c@three.example"], ["b@two.example", "c@three.example"], ["x@other.example"],
                ]
            )
            #expect(messages.allSatisfy { $0.sender == "a@one.example" })
            #expect(messages.allSatisfy { $0.text.hasSuffix("\r\n\r\nbody\r\n.\r\nend\r\n") })
            #expect(messages.allSatisfy { !$0.text.contains("three.example") })
        }
    }

    @Test("a refused recipient is told, and the exit code says for good (77) or for now (75)")
    func partialRefusal() async throws {
        try await CLIStage.with(
            {
                $0.rules.refuseRecipient("gone@one.example")
                $0.rules.refuseRecipient("full@one.example", with: "452 4.2.2 Mailbox full")
            },
            more: CLIStage.use
        ) { stage in
            func send(_ addresses: String) async throws -> CommandResult {
                try await stage.posthorn("send", "--to", addresses, "--subject", "S", "--text", "T")
            }
            let permanent = try await send("a@one.example,gone@one.example,full@one.example")
            #expect(permanent.code == 77)
            #expect(permanent.output.contains("1 of 3 recipients"))
            #expect(permanent.output.contains("refused for good, correct the address: 550 5.1.1 No such mailbox here"))
            let passing = try await send("a@one.example,full@one.example")
            #expect(passing.code == 75)
            #expect(passing.output.contains("refused for now"))
            let nobody = try await send("gone@one.example")
            #expect(nobody.code == 77)
            #expect(nobody.errorOutput.contains("550 5.1.1"))
        }
    }

    @Test("functions go their own way, with copies; an unlisted one is noted")
    func functions() async throws {
        let functions = "\(CLIStage.use)\nfunctions: { order: { copy-to: archive@kuechen-muster.example } }"
        try await CLIStage.with(more: functions) { stage in
            let listed = try await stage.posthorn(
                "send",
                "--for",
                "order",
                "--to",
                "a@one.example",
                "--subject",
                "S",
                "--text",
                "T"
            )
            #expect(listed.code == 0)
            #expect(listed.output.contains("Copied to:     archive@kuechen-muster.example"))
            let unlisted = try await stage.posthorn(
                "send",
                "--for",
                "ordr",
                "--to",
                "a@one.example",
                "--subject",
                "S",
                "--text",
                "T"
            )
            #expect(unlisted.code == 0)
            #expect(unlisted.errorOutput.contains("no function 'ordr' (they list order)"))
            #expect(unlisted.errorOutput.contains("did you mean 'order'?"))
            let arguments = ["--to", "a@one.example", "--subject", "S", "--text", "T", "--settings", "test.yaml"]
            let machine = try await CLITool.posthorn(
                ["send", "--json", "--for", "oder"] + arguments,
                directory: stage.directory.url
            )
            #expect(machine.errorOutput == "")
            let notes = try #require(try machine.object()["notes"] as? [String])
            #expect(notes.count == 1 && notes.allSatisfy { $0.hasSuffix("did you mean 'order'?") }, "\(notes)")
        }
    }

    @Test("a ready message without From comes from the sender of its function")
    func senderOfFunction() async throws {
        let functions = "\(CLIStage.use)\nfunctions: { export: { sender: export@kuechen-muster.example } }"
        try await CLIStage.with(more: functions) { stage in
            for arguments in [["--for", "export"], []] {
                let result = try await CLITool.posthorn(
                    ["send", "--message", "-", "--to", "x@other.example", "--settings", "test.yaml"] + arguments,
                    directory: stage.directory.url,
                    input: "Subject: S\n\nbody\n"
                )
                #expect(result.code == 0, "\(result.errorOutput)")
            }
            #expect(
                stage.server.messages.map(\.sender) == ["export@kuechen-muster.example", "info@kuechen-muster.example"]
            )
        }
    }

    @Test("the next transport is tried, and the receipt tells of the first")
    func fallback() async throws {
        let port = try FreePort.allocate()
        let more = "use: { outgoing: [first, smtp] }\nredirect-all: test@kuechen-muster.example"
        let dead = "  first: { plugin: smtp, host: localhost, port: \(port) }"
        try await CLIStage.with(outgoing: dead, more: more) { stage in
            let arguments = ["--to", "a@one.example", "--subject", "S", "--text", "T"]
            let people = try await CLITool.posthorn(
                ["send", "--settings", "test.yaml"] + arguments,
                directory: stage.directory.url
            )
            #expect(people.code == 0, "\(people.errorOutput)")
            #expect(people.output.contains("Tried before:  'first', which did not take it"))
            #expect(people.output.contains("it was meant for a@one.example"))
            let machine = try await CLITool.posthorn(
                ["send", "--json", "--settings", "test.yaml"] + arguments,
                directory: stage.directory.url
            )
            let receipt = try machine.object()
            let attempt = try #require((receipt["failed_attempts"] as? [[String: Any]])?.first)
            #expect(Set(attempt.keys) == ["transport", "code", "certainty", "message"])
            #expect(attempt["code"] as? String == "connection-failed")
            #expect(receipt["redirected_from"] as? [String] == ["a@one.example"])
        }
    }

    @Test("a large message is sent whole", .timeLimit(.minutes(10)))
    func large() async throws {
        try await CLIStage.with(more: CLIStage.use) { stage in
            try stage.directory.write([UInt8](repeating: 0xA5, count: 5_000_000), to: "large.bin")
            let result = try await stage.posthorn(
                "send",
                "--to",
                "a@one.example",
                "--subject",
                "S",
                "--attach",
                "large.bin"
            )
            #expect(result.code == 0, "\(result.errorOutput)")
            // Nobody sits before it: no bar.
            #expect(result.errorOutput == "")
            #expect(try #require(stage.server.messages.first).size > 6_000_000)
        }
    }
}
