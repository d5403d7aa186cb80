import Foundation
import Posthorn
import PosthornMIME
import TestSupport
import Testing

@testable import PosthornCLI

/// Each value on which independent parsers agree is read as they read it. Deviations are listed with their reason in
/// docs/mime.md.
@Suite(.computing) struct CorpusTests {
    /// What is read otherwise, and why.
    static let deviations: [String: String] = [
        "cpython/msg_20.txt: cc": "several Cc fields are read as one: RFC 5322 section 4.5.3",
        "mikel-mail/spec__fixtures__emails__plain_emails__raw_email_double_at_in_header.eml: message-id":
            "kept as it is, since a part of it identifies nothing: RFC 5322 section 3.6.4",
        "nodemailer-mailparser/test__fixtures__nested.eml: part 0 content":
            "white space at the end of a line is taken away: RFC 2045 section 6.7 (3)",
        "nodemailer-mailparser/test__fixtures__nested.eml: part 0 octets": "the same",
        "php-mime-mail-parser/tests__mails__m0013: part 0 content": "the same",
        "php-mime-mail-parser/tests__mails__m0013: part 0 octets": "the same",
        "zbateson/tests___data__emails__m4009.txt: part 2 content":
            "two characters without padding hold an octet: RFC 2045 section 6.8",
        "zbateson/tests___data__emails__m4009.txt: part 2 octets": "the same",
    ]

    @Test(arguments: SampleCorpus.all) func `agreed values are read as agreed`(_ corpus: SampleCorpus) async throws {
        let expectations = try corpus.expectations()
        #expect(!expectations.isEmpty)
        for (name, expectation) in expectations {
            let message = try ParsedMessage(file: expectation.file.path, limits: ParsingLimits(depth: 256))
            for difference in Self.differences(message, expectation) {
                let key = "\(corpus)/\(name): \(difference.what)"
                guard Self.deviations[key] == nil else { continue }
                Issue.record("\(key): \(difference.text)")
            }
            let written = try await message.content.collect(for: .unrestricted, upTo: 1 << 26)
            #expect(try written == Array(Data(contentsOf: expectation.file)), "\(name) is not written back as it was")
        }
    }

    private struct Difference {
        var what: String
        var text: String
    }

    private static func differences(
        _ message: ParsedMessage,
        _ expectation: SampleCorpus.Expectation
    ) -> [Difference] {
        var found: [Difference] = []
        func compare(_ what: String, _ read: Any?, _ expected: Any?) {
            guard let expected else { return }
            let (here, there) = ("\(read ?? NSNull())", "\(expected)")
            if here != there { found.append(Difference(what: what, text: "\(here) instead of \(there)")) }
        }
        compare("subject", message.subject.map(Self.spaced), expectation.value("subject"))
        compare("message-id", message.messageID, expectation.value("message-id"))
        compare("date", message.date?.secondsSinceEpoch, expectation.value("date"))
        for (what, mailboxes) in [("from", message.from), ("to", message.to), ("cc", message.cc)] {
            let pairs = mailboxes.map { [$0.name == $0.address ? "" : $0.name ?? "", Self.lowercased($0.address)] }
            let isThere = message.fields.first(what) != nil
            compare(
                what,
                isThere ? pairs as Any : nil,
                expectation.value(what) as? [[String]] ?? expectation.value(what)
            )
        }
        guard let parts = expectation.parts else { return found }
        let leaves = message.leaves
        compare("parts", leaves.count, parts.count)
        for (number, (leaf, part)) in zip(leaves, parts).enumerated() {
            let name = "part \(number)"
            compare("\(name) type", leaf.contentType.value, part["type"])
            if part.keys.contains("charset") { compare("\(name) charset", leaf.charset?.lowercased(), part["charset"]) }
            compare("\(name) filename", leaf.fileName, part["filename"])
            let octets = (try? leaf.decoded()) ?? []
            compare("\(name) content", SHA256.hex(normalized(octets)), part["sha256"])
            compare("\(name) octets", SHA256.hex(octets), (part["exact"] as? [String: Any])?["sha256"])
        }
        return found
    }

    // The expected values have single spaces, domains in lower case, and no name that is the address.

    private static func spaced(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    private static func lowercased(_ address: String) -> String {
        guard let at = address.lastIndex(of: "@") else { return address }
        return address[..<at] + address[at...].lowercased()
    }

    /// Line ends as LF, those at the end left out: parsers differ there.
    private static func normalized(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isAfterReturn = false
        for octet in octets {
            if octet == 0x0D {
                result.append(0x0A)
            } else if octet != 0x0A || !isAfterReturn {
                result.append(octet)
            }
            isAfterReturn = octet == 0x0D
        }
        while result.last == 0x0A { result.removeLast() }
        return result
    }
}
