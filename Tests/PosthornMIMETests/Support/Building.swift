import Posthorn
import PosthornMIME
import Testing

/// All forms that a server can offer.
let allForms: [ContentForm] = [
    .sevenBit, ContentForm(transfer: .eightBit, allowsUTF8Headers: false),
    ContentForm(transfer: .binary, allowsUTF8Headers: false),
    ContentForm(transfer: .sevenBit, allowsUTF8Headers: true),
    ContentForm(transfer: .eightBit, allowsUTF8Headers: true), .unrestricted,
]

extension Message {
    /// The message in one form, after checking what every form promises.
    func built(_ form: ContentForm = .sevenBit) async throws -> [UInt8] {
        let context = MessageContext(defaultSender: try Mailbox("Küche Muster <info@kuechen-muster.example>"))
        let content = try await prepare(context).content
        let facts = try await content.facts(for: form)
        let octets = try await content.collect(for: form, upTo: 100_000_000)
        #expect(facts.size == UInt64(octets.count))
        let scanned = try await MessageContent.bytes(octets).facts()
        // What needs less than it says is no harm, what needs more is.
        #expect(scanned.transfer <= facts.transfer || form.transfer == .binary)
        #expect(scanned.needsUTF8Headers == facts.needsUTF8Headers || !facts.needsUTF8Headers)
        if form.transfer < .binary {
            #expect(facts.transfer <= (facts.needsUTF8Headers ? max(form.transfer, .eightBit) : form.transfer))
            checkLines(octets, form, utf8: facts.needsUTF8Headers)
        }
        return octets
    }

    private func checkLines(_ octets: [UInt8], _ form: ContentForm, utf8: Bool) {
        let lines = octets.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(lines.last?.isEmpty == true, "the last line is complete")
        for line in lines.dropLast() {
            #expect(line.last == 0x0D)
            #expect(line.count <= 999)
            #expect(!line.dropLast().contains(0x0D) && !line.contains(0))
        }
        if form.transfer == .sevenBit, !utf8 { #expect(octets.allSatisfy { $0 < 0x80 }) }
    }
}
