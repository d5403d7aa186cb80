import Posthorn
import PosthornMIME
import TestSupport
import Testing

@Suite(.computing) struct StructureTests {
    private let invitation = CalendarInvitation(
        text: "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Küche\nEND:VEVENT\nEND:VCALENDAR\n"
    )

    @Test("Levels that have but one part are left out, in every form", arguments: allForms)
    func levels(_ form: ContentForm) async throws {
        let file = Attachment.bytes([0, 255, 13, 10, 10, 13], name: "a.bin")
        let image = Attachment.inline([137, 80, 78, 71], contentID: "logo", name: "logo.png")
        let kitchen = invitation
        let cases: [(expected: String, change: (inout Message) -> Void)] = [
            ("text/plain", { _ in }),
            ("text/plain", { $0.text = "x" }),
            ("text/html", { $0.html = "x" }),
            ("*alternative text/plain text/html", { ($0.text, $0.html) = ("x", "ä") }),
            ("*related text/html image/png", { ($0.html, $0.inline) = ("ä", [image]) }),
            (
                "*related *alternative text/plain text/html image/png",
                { ($0.text, $0.html, $0.inline) = ("x", "ä", [image]) }
            ),
            ("*mixed text/plain application/octet-stream", { ($0.text, $0.attachments) = ("x", [file]) }),
            ("*mixed application/octet-stream application/octet-stream", { $0.attachments = [file, file] }),
            (
                "*mixed *related *alternative text/plain text/html text/calendar image/png application/octet-stream "
                    + "application/ics",
                {
                    ($0.text, $0.html, $0.inline) = ("x", "y", [image])
                    ($0.attachments, $0.calendar) = ([file], kitchen)
                }
            ),
        ]
        var messages: [[UInt8]] = []
        for (_, change) in cases {
            var message = try Message(to: ["b@x.example"])
            change(&message)
            messages.append(try await message.built(form))
        }
        for (read, (expected, _)) in zip(try PythonMail.read(messages), cases) {
            #expect(read.defects == [])
            #expect(read.parts.map { $0.type.replacing("multipart/", with: "*") }.joined(separator: " ") == expected)
            for part in read.parts where part.type == "application/octet-stream" {
                // Python cannot read parts of any octets: it takes them apart into lines.
                #expect(part.bytes == [0, 255, 13, 10, 10, 13] || form.transfer == .binary)
            }
        }
    }

    @Test("An invitation names its method and keeps its text")
    func calendar() async throws {
        var message = try Message(to: ["b@x.example"], text: "Come!", calendar: invitation)
        let read = try PythonMail.read(try await message.built())
        let part = try #require(read.parts.first { $0.type == "text/calendar" })
        #expect(part.method == "REQUEST" && part.charset == "utf-8")
        #expect(part.text == invitation.text.replacing("\n", with: "\r\n"))
        let file = try #require(read.parts.last)
        #expect(file.fileName == "invite.ics" && file.text == part.text && file.disposition == "attachment")

        for (text, method) in [
            ("BEGIN:VCALENDAR\nEND:VCALENDAR", nil), ("METHOD:REQUEST", nil),
            ("BEGIN:VCALENDAR\nMETHOD:REQUEST", "CANCEL"),
            ("BEGIN:VCALENDAR\nMETHOD:a b", nil),
        ] as [(String, String?)] {
            message.calendar = CalendarInvitation(text: text, method: method)
            let error = await #expect(throws: MailError.self) { try await message.built() }
            #expect(error?.message.contains("calendar invitation") == true)
        }
    }

    @Test("A message within the message goes as it is where it can, and as a file where it cannot")
    func messages() async throws {
        let plain = Array("From: a@x.example\nSubject: x\n\nbody\n".utf8)
        let eightBit = Array("From: a@x.example\r\nContent-Transfer-Encoding: 8bit\r\n\r\nKüche\r\n".utf8)
        let utf8Header = Array("From: a@x.example\r\nSubject: Küche\r\n\r\nbody\r\n".utf8)
        let binary = Array("From: a@x.example\r\n\r\n\u{0}\n".utf8)
        func types(_ bytes: [UInt8], _ form: ContentForm) async throws -> [PythonMail.Part] {
            let message = try Message(to: ["b@x.example"], text: "x", attachments: [.message(.bytes(bytes))])
            return Array(try PythonMail.read(try await message.built(form)).parts.dropFirst(2))
        }
        let eight = ContentForm(transfer: .eightBit, allowsUTF8Headers: false)
        #expect(try await types(plain, .sevenBit).map(\.type) == ["message/rfc822", "text/plain"])
        #expect(try await types(plain, .sevenBit).last?.text == "body\n".replacing("\n", with: "\r\n"))
        #expect(try await types(eightBit, eight).map(\.type) == ["message/rfc822", "text/plain"])
        let file = try #require(try await types(eightBit, .sevenBit).first)
        #expect(file.type == "application/octet-stream" && file.bytes == eightBit && file.fileName == "message.eml")
        #expect(try await types(utf8Header, eight).first?.type == "application/octet-stream")
        #expect(try await types(utf8Header, .unrestricted).first?.type == "message/global")
        #expect(try await types(binary, .unrestricted).first?.bytes == binary)
        // A built message encodes itself for the form.
        let inner = try await Message(from: "a@x.example", to: ["b@x.example"], subject: "ä", text: "Küche").prepare(
            MessageContext()
        )
        let outer = try Message(to: ["c@x.example"], text: "x", attachments: [.message(inner.content)])
        // SMTPUTF8 without 8BITMIME does not exist (RFC 6531 section 3.1).
        for form in allForms where form != ContentForm(transfer: .sevenBit, allowsUTF8Headers: true) {
            let parts = try PythonMail.read(try await outer.built(form)).parts
            #expect(
                parts.map(\.type).suffix(2) == ["message/rfc822", "text/plain"]
                    || parts.map(\.type).contains("message/global")
            )
            #expect(parts.last?.text.contains("Küche") == true)
        }
    }
}
