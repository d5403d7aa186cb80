import Posthorn
import PosthornMIME

/// Reads every message of a folder as often as wanted, decodes every body and converts text to UTF-8: `mime-parse`.
struct MIMEParsing {
    private(set) var messages = 0
    private(set) var octets: UInt64 = 0
    private(set) var parts = 0
    private(set) var decoded: UInt64 = 0
    /// What the header said, so that nobody can leave it out.
    private var values = 0

    init() throws {
        guard let passes = Int(try value("BENCH_N")), passes > 0 else {
            throw Complaint(text: "BENCH_N is not a number")
        }
        let folder = try value("BENCH_FILE")
        for _ in 0..<passes {
            for name in try names(in: folder) { try read("\(folder)/\(name)") }
        }
    }

    private mutating func read(_ path: String) throws {
        let message = try ParsedMessage(file: path)
        messages += 1
        octets += message.size
        values += (message.subject?.utf8.count ?? 0) + message.from.count + message.to.count
        values += message.date == nil ? 0 : 1
        for part in message.leaves {
            parts += 1
            if part.contentType.type == "text" {
                decoded += try part.forEachTextPiece { _ in }.size
            } else {
                decoded += try part.forEachDecodedPiece { _ in }.size
            }
        }
    }

    var line: String { #"{"n":\#(messages),"bytes":\#(octets),"parts":\#(parts),"decoded":\#(decoded)}"# }
}

/// Only takes apart: `mime-headers` reads the headers of all parts of a file, and passes over the bodies.
func readHeaders() throws -> String {
    let passes = Int(optional("BENCH_N") ?? "1") ?? 1
    var parts = 0
    var size: UInt64 = 0
    for _ in 0..<passes {
        let message = try ParsedMessage(file: value("BENCH_FILE"))
        parts += message.root.all.count
        size += message.size
    }
    return #"{"n":\#(passes),"bytes":\#(size),"parts":\#(parts)}"#
}
