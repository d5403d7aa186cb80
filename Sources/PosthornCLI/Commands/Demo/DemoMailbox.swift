import Foundation
import Posthorn

/// Takes apart the message that the server of the demonstration received: enough for what the demonstration sends.
struct DemoMailbox {
    /// One part of the message.
    struct Part {
        /// How deep it lies.
        var depth: Int
        /// `text/plain; charset=utf-8`
        var contentType: String
        /// The name that a file has.
        var fileName: String?
        /// `base64`, `quoted-printable` …
        var encoding: String
        /// The decoded octets; `nil` for parts that hold other parts.
        var octets: [UInt8]?
    }

    let header: HeaderBlock
    let parts: [Part]

    init(_ message: [UInt8]) async throws {
        header = try await HeaderBlock.read(from: .bytes(message))
        parts = try await Self.parts(message[...], depth: 0)
    }

    private static func parts(_ octets: ArraySlice<UInt8>, depth: Int) async throws -> [Part] {
        guard depth < 10 else { return [] }
        let header = try await HeaderBlock.read(from: .bytes(Array(octets)))
        let body = octets.dropFirst(header.bodyOffset)
        let type = header[.contentType] ?? "text/plain"
        let encoding = (header[.contentTransferEncoding] ?? "7bit").lowercased()
        var part = Part(
            depth: depth,
            contentType: type.split(separator: ";").first.map(String.init) ?? type,
            fileName: parameter("name", of: type),
            encoding: encoding
        )
        guard let boundary = parameter("boundary", of: type) else {
            part.octets = decoded(body, encoding)
            return [part]
        }
        var parts = [part]
        for piece in pieces(of: body, boundary: boundary) { parts += try await Self.parts(piece, depth: depth + 1) }
        return parts
    }

    /// The value of a parameter of Content-Type.
    private static func parameter(_ name: String, of type: String) -> String? {
        for parameter in type.split(separator: ";").dropFirst() {
            let halves = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard halves.count == 2, halves[0].lowercased() == name else { continue }
            return halves[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        }
        return nil
    }

    /// What stands between the delimiter lines (RFC 2046 section 5.1.1).
    private static func pieces(of body: ArraySlice<UInt8>, boundary: String) -> [ArraySlice<UInt8>] {
        let delimiter = Array("--\(boundary)".utf8)
        var pieces: [ArraySlice<UInt8>] = []
        var start: Int?
        var line = body.startIndex
        while line < body.endIndex {
            let next = body[line...].firstIndex(of: 0x0A).map { $0 + 1 } ?? body.endIndex
            if body[line..<next].starts(with: delimiter) {
                // The line end before the delimiter belongs to it.
                if let start { pieces.append(body[start..<max(start, line - 2)]) }
                start = next
            }
            line = next
        }
        return pieces
    }

    private static func decoded(_ body: ArraySlice<UInt8>, _ encoding: String) -> [UInt8] {
        switch encoding {
        case "base64": Array(Data(base64Encoded: Data(body), options: .ignoreUnknownCharacters) ?? Data())
        case "quoted-printable": quotedPrintable(Array(body))
        default: Array(body)
        }
    }

    private static func quotedPrintable(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "="), index + 2 < body.count else {
                result.append(body[index])
                index += 1
                continue
            }
            let pair = String(decoding: body[index + 1...index + 2], as: UTF8.self)
            if let octet = UInt8(pair, radix: 16) { result.append(octet) }
            index += 3
        }
        return result
    }

    /// Texts travel with CRLF line ends (RFC 5322 section 2.3).
    static func isEqual(_ part: Part, to expected: [UInt8]) -> Bool {
        guard let octets = part.octets else { return false }
        guard part.contentType.hasPrefix("text/") else { return octets == expected }
        return octets.filter { $0 != 0x0D } == expected
    }
}
