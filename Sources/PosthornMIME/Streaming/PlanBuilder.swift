import Posthorn

/// Chooses the encoding of every part for one form, and finds the exact size without reading what is attached.
struct PlanBuilder {
    let form: ContentForm
    /// Whether header fields are written in UTF-8: where the form allows it, or where nothing else can say it.
    let utf8: Bool

    private let header: WrittenHeader

    init(form: ContentForm, header: WrittenHeader) {
        self.form = form
        self.header = header
        utf8 = form.allowsUTF8Headers || header.needsUTF8
    }

    func plan(root: Part) async throws -> MessagePlan {
        var plan = MessagePlan()
        plan.append(header: try header.serialized(utf8: utf8))
        let body = try await self.plan(root)
        plan.append(contentsOf: body.plan)
        // Servers end the last line anyway; then it may as well be counted.
        if !body.endsLine { plan.append([0x0D, 0x0A]) }
        return plan
    }

    /// A part with its fields.
    private func plan(_ part: Part) async throws -> (plan: MessagePlan, endsLine: Bool) {
        switch part.body {
        case .text(let lines):
            let (encoding, octets) = encode(lines)
            var plan = try head(part.fields, encoding)
            plan.append(octets)
            return (plan, octets.last == 0x0A)
        case .bytes(let bytes):
            return (try attached(part, .bytes(bytes), size: UInt64(bytes.count)), false)
        case .file(let path):
            let file = try naming(part.name) { try ReadableFile(path: path) }
            return (try attached(part, .file(path, file.stamp), size: file.size), false)
        case .message(let content, let fileFields):
            return (try await message(part, content, asFile: fileFields), false)
        case .multipart(let parts, let boundary):
            return (try await multipart(part, parts, boundary), true)
        }
    }

    private func head(_ fields: HeaderFields, _ encoding: Encoding) throws -> MessagePlan {
        var plan = MessagePlan()
        var fields = fields
        fields.append(.contentTransferEncoding, .tokens(encoding.word))
        plan.append(header: try fields.serialized(utf8: utf8))
        plan.append([0x0D, 0x0A])
        plan.transfer = encoding.transfer
        return plan
    }

    // MARK: Kinds of parts

    private struct Encoding {
        var word: String
        var transfer: ContentForm.Transfer

        static let sevenBit = Encoding(word: "7bit", transfer: .sevenBit)
        static let eightBit = Encoding(word: "8bit", transfer: .eightBit)
        static let binary = Encoding(word: "binary", transfer: .binary)
        static let quotedPrintable = Encoding(word: "quoted-printable", transfer: .sevenBit)
        static let base64 = Encoding(word: "base64", transfer: .sevenBit)
    }

    /// The least encoding that the form and the text allow.
    private func encode(_ lines: TextLines) -> (Encoding, [UInt8]) {
        let fits = lines.longestLine <= 998 && !lines.hasNUL
        if fits, lines.isASCII { return (.sevenBit, lines.octets) }
        if fits, form.transfer >= .eightBit { return (.eightBit, lines.octets) }
        let quoted = QuotedPrintableEncoder.encode(lines.octets)
        let base64Size = Base64Encoder.encodedSize(of: UInt64(lines.octets.count))
        // Quoted-printable where both are equal: people can read it.
        if UInt64(quoted.count) <= base64Size { return (.quotedPrintable, quoted) }
        return (.base64, Base64Encoder.encode(lines.octets))
    }

    /// Attached data is always encoded unless the form carries any octets: nothing may touch its line ends.
    private func attached(_ part: Part, _ origin: StreamedContent.Origin, size: UInt64) throws -> MessagePlan {
        let isBinary = form.transfer == .binary
        var plan = try head(part.fields, isBinary ? .binary : .base64)
        plan.append(StreamedContent(origin: origin, coding: isBinary ? .none : .base64, size: size, name: part.name))
        return plan
    }

    /// A message within the message must not be encoded (RFC 2046 section 5.2.1): if the form cannot carry it as it
    /// is, it becomes a file.
    private func message(
        _ part: Part,
        _ content: MessageContent,
        asFile fileFields: HeaderFields
    ) async throws -> MessagePlan {
        let inner = ContentForm(transfer: min(form.transfer, .eightBit), allowsUTF8Headers: form.allowsUTF8Headers)
        let facts = try await naming(part.name) { try await content.facts(for: inner) }
        let isCarried = facts.transfer <= inner.transfer && (!facts.needsUTF8Headers || form.allowsUTF8Headers)
        if isCarried, let size = facts.size {
            var fields = part.fields
            if facts.needsUTF8Headers {
                // RFC 6532 section 3.7: a message with UTF-8 in its header has a type of its own.
                fields.replace(HeaderField(.contentType, .tokens("message/global")))
            }
            var plan = try head(fields, facts.transfer == .sevenBit ? .sevenBit : .eightBit)
            let stream = StreamedContent(origin: .message(content, inner), coding: .lines, size: size, name: part.name)
            plan.append(stream)
            return plan
        }
        let size = try await naming(part.name) { try await Self.count(content, inner) }
        var plan = try head(fileFields, .base64)
        let stream = StreamedContent(origin: .message(content, inner), coding: .base64, size: size, name: part.name)
        plan.append(stream)
        return plan
    }

    private func multipart(_ part: Part, _ parts: [Part], _ boundary: String) async throws -> MessagePlan {
        var body = MessagePlan()
        for (index, child) in parts.enumerated() {
            body.append(Array(((index == 0 ? "" : "\r\n") + "--\(boundary)\r\n").utf8))
            body.append(contentsOf: try await plan(child).plan)
        }
        body.append(Array("\r\n--\(boundary)--\r\n".utf8))
        // RFC 2045 section 6.4: the whole says what the parts need.
        let transfer = body.needsUTF8Headers ? max(body.transfer, .eightBit) : body.transfer
        let encoding: Encoding =
            transfer == .binary ? .binary : transfer == .eightBit ? .eightBit : .sevenBit
        var plan = try head(part.fields, encoding)
        plan.append(contentsOf: body)
        return plan
    }

    // MARK: Help

    /// The octets as they come, which the facts do not tell: they count line ends as CRLF.
    private static func count(_ content: MessageContent, _ form: ContentForm) async throws -> UInt64 {
        var reader = try await content.makeReader(for: form)
        var buffer: [UInt8] = []
        var count: UInt64 = 0
        while try await reader.read(into: &buffer) {
            try Task.checkCancellation()
            count &+= UInt64(buffer.count)
            buffer.removeAll(keepingCapacity: true)
        }
        return count
    }

    private func naming<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch { throw Self.named(error, name) }
    }

    private func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw Self.named(error, name) }
    }

    private static func named(_ error: any Error, _ name: String) -> any Error {
        guard var error = error as? MailError else { return error }
        error.message = "the attachment '\(PeerText.shown(name, limit: 100))': \(error.message)"
        return error
    }
}
