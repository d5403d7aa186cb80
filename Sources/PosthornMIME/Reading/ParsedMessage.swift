public import Posthorn

/// A message that was read: its parts as a tree, over octets that stay where they are.
///
/// Every message can be read. What is wrong with one stands in ``defects``; its octets stay reachable as they are, and
/// ``content`` gives them back unchanged.
///
/// ```swift
/// let message = try ParsedMessage(file: "order.eml")
/// print(message.subject ?? "", message.from)
/// for part in message.attachments { try save(part.decoded(), as: part.fileName) }
/// ```
public struct ParsedMessage: Sendable {
    /// The whole message as a part: its header, and its body or its parts.
    public let root: ParsedPart
    /// What is not as the standards want it, in the order in which it was found; at most 1,000.
    public let defects: [MessageDefect]
    /// The size in octets.
    public let size: UInt64

    /// The octets as they are, to be sent or written. Only a header that is edited changes them.
    public let content: MessageContent

    /// Reads a message in memory.
    public init(_ octets: [UInt8], limits: ParsingLimits = .standard) {
        var parser = MIMEParser(TreeBuilder(.memory(octets)), limits: limits)
        parser.parseWhole(octets.span.bytes)
        self.init(parser.handler, .memory(octets), size: UInt64(octets.count), content: .bytes(octets))
    }

    /// Reads a message in a file, which stays there: headers come into memory, bodies when they are asked for. Blocks while the
    /// file is read.
    ///
    /// - Throws: ``MailError`` with code `content-unavailable` if the file cannot be read, or changes meanwhile.
    public init(file path: String, limits: ParsingLimits = .standard) throws {
        let file = try ReadableFile(path: path)
        guard file.size > Self.largestInMemory else {
            self.init(try Self.contents(of: file), limits: limits)
            return
        }
        let octets = MessageOctets.file(file)
        var parser = MIMEParser(TreeBuilder(octets), limits: limits)
        try octets.forEachPiece(of: 0..<file.size) { parser.parse($0.bytes) }
        parser.finish()
        self.init(parser.handler, octets, size: file.size, content: .file(path))
    }

    /// Files up to this size are read into memory at once, which is faster than to come back for every part.
    private static let largestInMemory: UInt64 = 1 << 20

    private static func contents(of file: ReadableFile) throws -> [UInt8] {
        let size = Int(clamping: file.size)
        let octets = try [UInt8](unsafeUninitializedCapacity: size) { space, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(space), at: 0)
        }
        guard octets.count == size else { throw file.changed() }
        return octets
    }

    /// Reads a message that comes as a stream, such as one from a store, into memory.
    ///
    /// - Parameter limit: the most octets that are taken into memory.
    /// - Throws: ``MailError`` with code `too-large` if there are more; what the content throws.
    public init(_ content: MessageContent, upTo limit: Int = 1 << 26, limits: ParsingLimits = .standard) async throws {
        self.init(try await content.collect(for: .unrestricted, upTo: limit), limits: limits)
    }

    private init(_ tree: TreeBuilder, _ octets: MessageOctets, size: UInt64, content: MessageContent) {
        // The parser always begins and ends the message itself.
        root =
            tree.root
            ?? ParsedPart(
                path: "1",
                headerRange: 0..<0,
                bodyRange: 0..<size,
                fields: ParsedFields(octets: [], places: []),
                contentType: .plainText,
                transferEncoding: .sevenBit,
                children: [],
                isOpaque: false,
                message: octets
            )
        defects = tree.defects
        self.size = size
        self.content = content
    }

    /// The fields of the header.
    public var fields: ParsedFields { root.fields }

    /// All parts without parts of their own, in the order of the message, those of embedded messages included.
    public var leaves: [ParsedPart] { root.leaves }

    /// The same message with a changed header. All other octets stay as they are.
    public func editingHeader(_ edit: HeaderEdit) -> MessageContent {
        content.editingHeader(edit)
    }
}
