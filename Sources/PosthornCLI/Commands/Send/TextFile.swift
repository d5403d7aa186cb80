import Posthorn

/// Texts that are read as a whole.
enum TextFile {
    /// The largest text, in octets. Texts are held in memory; attachments are not.
    static let limit = 64 << 20

    /// A text of a file, or of the standard input for `-`.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` or `invalid-message`.
    static func read(_ path: String) throws -> String {
        var octets: [UInt8] = []
        if path == "-" {
            while octets.count <= limit, try StandardInput.read(into: &octets) {}
        } else {
            let file = try ReadableFile(path: path)
            while octets.count <= limit, try file.read(into: &octets, upTo: ContentChunk.preferredSize) {}
        }
        guard octets.count <= limit else {
            throw MailError(
                .tooLarge,
                "\(shown(path)) is larger than \(limit >> 20) MiB; attach it in place of sending it as text"
            )
        }
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets.removeFirst(3) }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw MailError(.invalidMessage, "\(shown(path)) is not UTF-8; save it as UTF-8, or attach it as a file")
        }
        return text
    }

    /// The last component of a path.
    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func shown(_ path: String) -> String {
        path == "-" ? "the standard input" : "'\(PeerText.shown(path))'"
    }
}
