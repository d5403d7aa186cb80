import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

extension IMAPCommand {
    /// The command as text, with `⏎` where it waits for the server and `<n>` for a message's octets.
    func written(_ encoding: IMAPEncoding = IMAPEncoding()) throws -> String {
        var result = ""
        for piece in try encoded(tag: "A", encoding) {
            switch piece {
            case .text(let text): result += String(decoding: text.wire.octets, as: UTF8.self)
            case .waitForContinuation: result += "⏎"
            case .content(let index, let size): result += "<\(index):\(size)>"
            }
        }
        #expect(result.hasSuffix("\r\n"))
        return String(String.UnicodeScalarView(result.unicodeScalars.dropFirst(2).dropLast(2)))
    }
}

extension IMAPEncoding {
    static let plus = IMAPEncoding(literals: .plus)
    static let minus = IMAPEncoding(literals: .minus)
    static let rev2 = IMAPEncoding(literals: .minus, isUTF8: true)
}
