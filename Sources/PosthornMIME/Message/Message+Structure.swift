import Posthorn

extension Message {
    /// The tree of parts: mixed(related(alternative(text, HTML, calendar), inline images), attachments), without the
    /// levels that have but one part.
    func makeStructure() throws -> Part {
        var alternatives: [Part] = []
        if let text { alternatives.append(.plain(text)) }
        if let html { alternatives.append(.text(html, "text/html")) }
        if let calendar {
            let method = "method=\(try calendar.checkedMethod())"
            alternatives.append(.text(calendar.text, "text/calendar", parameters: [method]))
        }
        let images = try inline.map { try $0.part(fileNameEncoding) }
        var others = try attachments.map { try $0.part(fileNameEncoding) }
        if let calendar, let name = calendar.fileName {
            let file = Attachment.bytes(TextLines(calendar.text).octets, name: name, contentType: "application/ics")
            others.append(try file.part(fileNameEncoding))
        }
        if alternatives.isEmpty, others.isEmpty { alternatives = [.plain("")] }

        var body = Part.grouped("alternative", alternatives)
        if !images.isEmpty {
            // RFC 2387 section 3.1 demands the type of the part that the others belong to.
            let type = body?.mediaType ?? "text/plain"
            body = .multipart("related", [body ?? .plain("")] + images, parameters: ["type=\"\(type)\""])
        }
        guard !others.isEmpty else { return body ?? .plain("") }
        return .multipart("mixed", (body.map { [$0] } ?? []) + others)
    }
}
