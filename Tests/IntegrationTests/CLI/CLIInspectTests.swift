import Foundation
import TestSupport
import Testing

@Suite("posthorn inspect", .undisturbed)
struct CLIInspectTests {
    private static let message = """
        From: =?utf-8?q?K=C3=BCche?= Muster <info@example.org>
        To: a@example.org, "Doe, John" <b@example.org>
        Subject: =?iso-8859-1?q?Gr=FC=DFe?=
        Date: Mon, 23 Nov 2026 20:24:43 +0100
        Message-ID: <1@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=UTF-8
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe
        --b
        Content-Type: application/pdf
        Content-Disposition: attachment; filename*=utf-8''%C3%A4.pdf
        Content-Transfer-Encoding: base64
        Content-ID: <x@example.org>

        aGVsbG8gd29ybGQ=
        --b--

        """

    private func write(_ text: String, in directory: URL, as name: String = "order.eml") throws -> String {
        let file = directory.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    @Test func `JSON for machines has every field of the contract`() async throws {
        let directory = try TemporaryDirectory()
        let file = try write(Self.message, in: directory.url)
        let result = try await CLITool.posthorn(["inspect", "--json", file])
        #expect(result.code == 0 && result.errorOutput == "")
        let expected = """
            {"cc":null,"date":"2026-11-23T19:24:43Z","defects":[],"file":"\(file)","from":[{"address":"info@example.org",\
            "name":"Küche Muster"}],"message_id":"<1@example.org>","parts":[{"charset":"utf-8","content_id":null,\
            "content_type":"text/plain","disposition":null,"filename":null,"path":"1",\
            "sha256":"\(try await sum("Grüße"))","size":7},{"charset":null,"content_id":"x@example.org",\
            "content_type":"application/pdf","disposition":"attachment","filename":"ä.pdf","path":"2",\
            "sha256":"\(try await sum("hello world"))","size":11}],"subject":"Grüße",\
            "to":[{"address":"a@example.org","name":null},{"address":"b@example.org","name":"Doe, John"}]}

            """
        #expect(result.output == expected)
    }

    private func sum(_ text: String) async throws -> String {
        let result = try await run("sha256sum", [], input: Array(text.utf8))
        return String(result.output.prefix(64))
    }

    @Test func `people see the header, the parts and what is wrong`() async throws {
        let directory = try TemporaryDirectory()
        let broken = Self.message.replacing("--b--\n", with: "").replacing("aGVsbG8gd29ybGQ=", with: "aGVs*G8")
        let file = try write(broken, in: directory.url)
        let result = try await CLITool.posthorn(["inspect", file])
        #expect(result.code == 0)
        for line in [
            "Subject     Grüße", "From        Küche Muster <info@example.org>", "Date        2026-11-23T19:24:43Z",
            "text/plain; UTF-8", "application/pdf; attachment; 'ä.pdf'", "defect      missing-close-delimiter at octet",
            "defect      malformed-encoding at octet",
        ] {
            #expect(result.output.contains(line), "'\(line)' is not in:\n\(result.output)")
        }
    }

    @Test func `the standard input is read, and parts are written to a folder`() async throws {
        let directory = try TemporaryDirectory()
        let file = try write(Self.message, in: directory.url)
        let folder = directory.url.appending(path: "out")
        let result = try await CLITool.posthorn(
            ["inspect", "--json", "--extract", folder.path, "-", file],
            input: Self.message
        )
        #expect(result.code == 0)
        #expect(try result.objects().map { $0["file"] as? String } == ["-", file])
        for name in ["stdin", "order.eml"] {
            let parts = folder.appending(path: name)
            #expect(try Data(contentsOf: parts.appending(path: "1")) == Data("Grüße".utf8))
            #expect(try Data(contentsOf: parts.appending(path: "2")) == Data("hello world".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: parts.path).count == 2)
        }
    }

    @Test func `a file that is not there is told, and the others are read`() async throws {
        let directory = try TemporaryDirectory()
        let file = try write(Self.message, in: directory.url)
        let missing = directory.url.appending(path: "missing.eml").path
        let result = try await CLITool.posthorn(["inspect", missing, file])
        #expect(result.code == 65 && result.output.contains("Subject     Grüße"))
        #expect(result.errorOutput.contains("'\(missing)' cannot be read: No such file or directory"))
        #expect(try await CLITool.posthorn(["inspect"]).code == 64)
        #expect(try await CLITool.posthorn(["inspect", "-", "-"]).code == 64)
    }

    @Test func `a folder that cannot be written is told`() async throws {
        let directory = try TemporaryDirectory()
        let file = try write(Self.message, in: directory.url)
        let result = try await CLITool.posthorn(["inspect", "--extract", "\(file)/x", file])
        #expect(result.code == 73 && result.errorOutput.contains("cannot be written"), "\(result.errorOutput)")
    }

    @Test func `terminal controls in a message do not reach the terminal`() async throws {
        let directory = try TemporaryDirectory()
        let text = "Subject: a\u{1B}[2Jb =?utf-8?q?=1B[31m=00=0A?=\nContent-Type: x/y; name=\"\u{1B}]0;\u{7}\"\n\n"
        let file = try write(text, in: directory.url)
        for options in [[], ["--json"]] {
            let result = try await CLITool.posthorn(["inspect"] + options + [file])
            #expect(result.code == 0 && !result.output.utf8.contains(0x1B) && !result.output.utf8.contains(7))
        }
    }
}
