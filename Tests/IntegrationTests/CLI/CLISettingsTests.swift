import Foundation
import TestSupport
import Testing

@Suite("posthorn settings", .undisturbed)
struct CLISettingsTests {
    @Test("init writes a private file that show reads; secrets stay hidden")
    func roundTrip() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.file("new/test.yaml").path
            let written = try await CLITool.posthorn(["settings", "init", "--client", "test", "--output", path])
            #expect(written.code == 0, "\(written.errorOutput)")
            #expect(written.output.contains("POSTHORN_CLIENT=test posthorn check --settings \(path)"))
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)

            let shown = try await CLITool.posthorn(["settings", "show", "--settings", path])
            #expect(shown.code == 0, "\(shown.errorOutput)")
            #expect(shown.output.hasPrefix("\(path), for the client test\n"))
            #expect(shown.output.contains("outgoing.smtp.host"))
            #expect(shown.output.contains("line "))
            #expect(shown.output.contains("default"))
            let machine = try await CLITool.posthorn(["settings", "show", "--json", "--settings", path])
            let object = try machine.object()
            #expect(object["client"] as? String == "test")
            #expect(object["files"] as? [String] == [path])
            let values = try #require(object["values"] as? [[String: Any]])
            #expect(values.contains { $0["path"] as? String == "outgoing.smtp.security" })

            let literal = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
                of: "# password: { env: POSTHORN_SMTP_PASSWORD }",
                with: "password: \(CLIStage.canary)"
            ).replacingOccurrences(of: "# username: info", with: "username: info")
            #expect(literal.contains(CLIStage.canary))
            try directory.write(literal, to: "new/test.yaml", permissions: 0o600)
            for arguments in [
                ["settings", "show"], ["settings", "show", "--json"], ["settings", "show", "--verbose"],
            ] {
                let result = try await CLITool.posthorn(arguments + ["--settings", path])
                #expect(result.code == 0, "\(result.errorOutput)")
                #expect(result.output.contains("outgoing.smtp.password"))
                #expect(!(result.output + result.errorOutput).contains(CLIStage.canary))
            }
        }
    }

    @Test("init replaces a file only with --force, and prints without --output")
    func overwriting() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write("precious", to: "test.yaml")
            let refused = try await CLITool.posthorn(["settings", "init", "--output", file.path])
            #expect(refused.code == 73)
            #expect(refused.errorOutput.contains("--force"))
            #expect(try String(contentsOf: file, encoding: .utf8) == "precious")
            #expect(!refused.errorOutput.contains("message"))
            let machine = try await CLITool.posthorn(["settings", "init", "--json", "--output", file.path])
            #expect(try machine.errorObject()["code"] as? String == "storage")
            #expect(try await CLITool.posthorn(["settings", "init", "--force", "--output", file.path]).code == 0)
            #expect(try String(contentsOf: file, encoding: .utf8).contains("client: test"))

            let printed = try await CLITool.posthorn(["settings", "init", "--client", "planung-3", "--plugin", "smtp"])
            #expect(printed.code == 0)
            #expect(printed.output.contains("client: planung-3"))
            let unknown = try await CLITool.posthorn(["settings", "init", "--plugin", "smpt"])
            #expect(unknown.code == 64)
            #expect(unknown.errorOutput.contains("linked: smtp"))
            let impossible = try await CLITool.posthorn(["settings", "init", "--output", "/proc/none/test.yaml"])
            #expect(impossible.code == 73)
        }
    }

    @Test("init tells the shortest command that finds the file")
    func hint() async throws {
        try await TemporaryDirectory.with { directory in
            let environment = ["XDG_CONFIG_HOME": directory.path]
            let path = directory.file("posthorn/planung-3.yaml").path
            let written = try await CLITool.posthorn(
                ["settings", "init", "--client", "planung-3", "--output", path],
                environment: environment
            )
            #expect(written.output.hasSuffix("try it with: posthorn check --client planung-3\n"))
            let shown = try await CLITool.posthorn(
                ["settings", "show", "--client", "planung-3"],
                environment: environment
            )
            #expect(shown.code == 0, "\(shown.errorOutput)")
        }
        for name in ["a b", "../x", ""] {
            for command in [["settings", "init"], ["settings", "path"], ["check"]] {
                let result = try await CLITool.posthorn(command + ["--client", name])
                #expect(result.code == 64)
                #expect(result.errorOutput.contains("is not a client's name"))
            }
        }
    }

    @Test("show names the files, and of each value the file")
    func severalFiles() async throws {
        try await TemporaryDirectory.with { directory in
            let site = try directory.write("sender: info@kuechen-muster.example\n", to: "site.yaml")
            let own = try directory.write("client: test\nextends: site.yaml\n", to: "test.yaml")
            let result = try await CLITool.posthorn(["settings", "show", "--settings", own.path])
            #expect(result.output.hasPrefix("\(own.path), which extends \(site.path), for the client test\n"))
            #expect(result.output.contains("  site.yaml line 1\n"), "\(result.output)\(result.errorOutput)")
            #expect(result.output.contains("  test.yaml line 1\n"))
        }
    }

    @Test("path says which file is used and why, and where it was looked for")
    func path() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write("client: test\n", to: "posthorn/test.yaml")
            let usual = try await CLITool.posthorn(
                ["settings", "path"],
                environment: ["XDG_CONFIG_HOME": directory.path]
            )
            #expect(usual.code == 0)
            #expect(usual.output == file.path + "\n")
            #expect(usual.errorOutput.contains("POSTHORN_CLIENT"))
            #expect(usual.errorOutput.contains("/etc/posthorn/test.yaml"))

            let variable = try await CLITool.posthorn(
                ["settings", "path", "--json"],
                environment: ["POSTHORN_SETTINGS": file.path]
            )
            #expect(try variable.object()["file"] as? String == file.path)
            let reason = try #require(try variable.object()["reason"] as? String)
            #expect(reason.contains("POSTHORN_SETTINGS"))

            let named = try await CLITool.posthorn(
                ["settings", "path", "--client", "test", "--settings-dir", directory.path + "/posthorn"],
                environment: ["POSTHORN_SETTINGS": "/ignored"]
            )
            #expect(named.output == file.path + "\n")

            let none = try await CLITool.posthorn(
                ["settings", "path"],
                environment: ["XDG_CONFIG_HOME": directory.path, "POSTHORN_CLIENT": "planung-9"]
            )
            #expect(none.code == 78)
            #expect(none.errorOutput.contains("planung-9"))
            #expect(none.errorOutput.contains("not there: \(directory.path)/posthorn/planung-9.yaml"))
            #expect(none.errorOutput.contains("not there: /etc/posthorn/planung-9.yaml"))

            let other = try await CLITool.posthorn(
                ["settings", "show", "--client", "tset", "--settings-dir", directory.path + "/posthorn"]
            )
            #expect(other.code == 78)
            #expect(other.errorOutput.contains("there are: test"))
        }
    }

    @Test("a file of another workstation is noticed")
    func copied() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write("client: planung-3\n", to: "posthorn.yaml")
            let result = try await CLITool.posthorn(["settings", "show", "--settings", file.path])
            #expect(result.code == 78)
            #expect(result.errorOutput.contains("copied from another workstation"))
        }
    }

    @Test("a file with ten mistakes gets ten lines, and one that counts them")
    func tenMistakes() async throws {
        let text = """
            client: test
            sender: nobody
            redirect-all: "a b"
            colour: blue
            use: { outgoing: smpt }
            outgoing:
              smtp:
                prot: 465
                security: ssl
                port: 70000
                role: boss
                timeouts: { connect: soon }
              carrier-pigeon: {}
            """
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(text, to: "test.yaml", permissions: 0o600)
            for command in [["settings", "show"], ["send", "--to", "a@b.example", "--subject", "S", "--text", "T"]] {
                let result = try await CLITool.posthorn(command + ["--settings", file.path])
                #expect(result.code == 78)
                let lines = result.errorOutput.split(separator: "\n")
                let mistakes = lines.filter { $0.hasPrefix("\(file.path):") }
                #expect(mistakes.count >= 10, "\(result.errorOutput)")
                #expect(lines.last == "\(mistakes.count) mistakes in the settings; nothing was done")
                #expect(lines.count == mistakes.count + 1)
                #expect(result.errorOutput.contains("did you mean 'tls'?"))
                #expect(!result.errorOutput.contains("Error"))
            }
            let machine = try await CLITool.posthorn(["check", "--json", "--settings", file.path])
            #expect(machine.code == 78)
            let send = try await CLITool.posthorn(["settings", "show", "--json", "--settings", file.path])
            let issues = try #require(try send.errorObject()["issues"] as? [[String: Any]])
            #expect(issues.count >= 10)
            #expect(issues.contains { $0["path"] as? String == "outgoing.smtp.security" && $0["line"] as? Int == 9 })
        }
    }

    @Test("the file of docs/settings.md has the mistakes that its table lists")
    func documentedMistakes() async throws {
        let root = URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        let text = try String(contentsOfFile: root + "/docs/settings.md", encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## Mistakes, and what they say").last)
        let blocks = section.components(separatedBy: "```")
        try #require(blocks.count == 3)
        let yaml = String(blocks[1].trimmingPrefix("yaml\n"))
        // | the mistake | 4:14 | `path`: sentence |
        let rows = blocks[2].split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let sentences = rows.map { row -> String in
            let cells = row.dropFirst(2).dropLast(2).components(separatedBy: " | ")
            let (place, sentence) = (cells[1], cells[2].dropFirst())
            return "planung-3.yaml:\(place): \(sentence.replacing("`: ", with: ": ", maxReplacements: 1))"
        }
        #expect(sentences.count == 10)
        try await TemporaryDirectory.with { directory in
            try directory.write(yaml, to: "planung-3.yaml", permissions: 0o600)
            let result = try await CLITool.posthorn(
                ["settings", "show", "--settings", "planung-3.yaml"],
                environment: ["POSTHORN_CLIENT": "planung-3", "MISSING_PASSWORD": ""],
                directory: directory.url
            )
            #expect(result.code == 78)
            let lines = result.errorOutput.split(separator: "\n").map(String.init)
            #expect(lines == sentences + ["10 mistakes in the settings; nothing was done"])
        }
    }

    @Test("reference lists every key in Markdown, plugins lists the linked ones")
    func reference() async throws {
        let reference = try await CLITool.posthorn(["settings", "reference"])
        #expect(reference.code == 0)
        #expect(reference.output.hasPrefix("# Settings\n"))
        #expect(reference.output.contains("| `security` |"))
        #expect(try await CLITool.posthorn(["settings", "reference", "--json"]).object()["markdown"] is String)

        let plugins = try await CLITool.posthorn(["plugins"])
        #expect(plugins.code == 0)
        #expect(plugins.output.hasPrefix("smtp  "))
        let smtp = try #require(try await CLITool.posthorn(["plugins", "--json"]).objects().first)
        let outgoing = try #require((smtp["settings"] as? [String: Any])?["outgoing"] as? [[String: Any]])
        let password = try #require(outgoing.first { $0["name"] as? String == "password" })
        #expect(password["secret"] as? Bool == true)
    }
}
