import Foundation
import Posthorn
import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct AttachmentTests {
    private static let names = [
        "order-4711.xml", "Auftrag Küche & Söhne.pdf", "見積書 2026年11月.xlsx", "Счёт-фактура № 4711.docx", "a\"b\\c;d.txt",
        "📯.png", "=?utf-8?q?x?=.txt", String(repeating: "lang", count: 40) + ".txt",
        String(repeating: "längliche ", count: 30) + ".txt",
        "عرض سعر.pdf", "no extension", "a'b*c%d.txt", "'", " leading and trailing ",
    ]

    @Test("Names in all scripts come back, in both encodings", arguments: [FileNameEncoding.compatible, .rfc2231])
    func names(_ encoding: FileNameEncoding) async throws {
        var message = try Message(to: ["b@x.example"], text: "x")
        // Python takes spaces off at both ends.
        let trimmed = Self.names.map { $0.trimmingCharacters(in: .whitespaces) }
        message.fileNameEncoding = encoding
        message.attachments = Self.names.map { .bytes([1, 2, 3], name: $0) }
        let read = try PythonMail.read(try await message.built())
        // Encoded words in quotation marks are what the standard does not have and Outlook wants.
        let tolerated = encoding == .compatible ? "Content-Type: InvalidHeaderDefect" : ""
        #expect(read.defects.filter { $0 != tolerated } == [])
        #expect(read.parts.dropFirst(2).map { $0.fileName?.trimmingCharacters(in: .whitespaces) } == trimmed)
        if encoding == .compatible {
            // Readers that know RFC 2047 only find the name in Content-Type.
            #expect(read.parts.dropFirst(2).map { $0.name?.trimmingCharacters(in: .whitespaces) } == trimmed)
        }
        let lines = String(decoding: try await message.built(), as: UTF8.self).split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 || !$0.contains("name") })
    }

    @Test("Parameters are written as RFC 2231 has them")
    func parameters() {
        #expect(Parameter.named("filename", "a.txt", .rfc2231) == ["filename=\"a.txt\""])
        #expect(Parameter.named("filename", "ü.txt", .rfc2231) == ["filename*=utf-8''%C3%BC.txt"])
        #expect(Parameter.named("name", "ü.txt", .compatible) == ["name=\"=?utf-8?b?w7wudHh0?=\""])
        let long = Parameter.named("filename", String(repeating: "ü", count: 50), .rfc2231)
        #expect(long.first?.hasPrefix("filename*0*=utf-8''%C3%BC") == true)
        #expect(long.dropFirst().first?.hasPrefix("filename*1*=%") == true)
    }

    @Test("Media types are guessed by the extension")
    func guess() {
        #expect(MediaTypes.guess("a.PDF") == "application/pdf")
        #expect(MediaTypes.guess("a.b.xml") == "application/xml")
        #expect(MediaTypes.guess("a") == "application/octet-stream")
        #expect(MediaTypes.guess("a.unknown") == "application/octet-stream")
        #expect(Attachment.file("/x/y/Bild.jpeg").contentType == "image/jpeg")
        #expect(Attachment.file("/x/y/Bild.jpeg").name == "Bild.jpeg")
    }

    @Test(
        "A type that is no type is refused",
        arguments: ["", "text", "text/", "/x", "a b/c", "multipart/mixed", "text/plain; charset=x", "a/b/c"]
    )
    func types(_ type: String) async throws {
        let message = try Message(
            to: ["b@x.example"],
            text: "x",
            attachments: [.bytes([1], name: "x", contentType: type)]
        )
        await #expect(throws: MailError.self) { try await message.built() }
    }

    @Test("Images are inline with their identifier, other files are attached")
    func inline() async throws {
        let message = try Message(
            to: ["b@x.example"],
            html: "<img src=\"cid:logo@x\">",
            attachments: [.bytes([1], name: "a.pdf")],
            inline: [.inline([2], contentID: "logo@x", name: "logo.png")]
        )
        let parts = try PythonMail.read(try await message.built()).parts
        let image = try #require(parts.first { $0.type == "image/png" })
        #expect(image.disposition == "inline" && image.id == "<logo@x>" && image.bytes == [2])
        #expect(parts.last?.disposition == "attachment")
    }

    @Test("A file that cannot be read is an error that names attachment and path, before anything is sent")
    func unreadable() async throws {
        let message = try Message(
            from: "a@x.example",
            to: ["b@x.example"],
            attachments: [.file("/nonexistent/order.xml", name: "Order")]
        )
        let content = try await message.prepare(MessageContext()).content
        let error = await #expect(throws: MailError.self) { try await content.facts(for: .sevenBit) }
        #expect(error?.code == .contentUnavailable)
        #expect(error?.message.contains("'Order'") == true && error?.message.contains("/nonexistent/order.xml") == true)
    }
}
