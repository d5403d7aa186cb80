/// Makes the tree of a message out of the events of the parser.
struct TreeBuilder: MIMEEventHandler {
    /// What is known of a part that has not ended.
    private struct Draft {
        var path = ""
        var header: PartHeader?
        var octets: ArraySlice<UInt8> = []
        var children: [ParsedPart] = []
        /// How many parts it has begun.
        var begun = 0
        var isOpaque = false
    }

    private let message: MessageOctets
    private var open: [Draft] = []
    private(set) var root: ParsedPart?
    private(set) var defects: [MessageDefect] = []

    /// The most defects that are kept: the first ones tell enough.
    private static let mostDefects = 1_000

    init(_ message: MessageOctets) {
        self.message = message
    }

    mutating func partBegins(at offset: UInt64) {
        if !open.isEmpty { open[open.count - 1].begun += 1 }
        open.append(Draft())
    }

    mutating func header(_ header: PartHeader, _ octets: RawSpan) {
        let top = open.count - 1
        guard top >= 0 else { return }
        open[top].header = header
        open[top].path = path(of: header.contentType)
        // A message in memory is there anyway.
        if case .memory(let all) = message {
            let start = Int(clamping: header.offset)
            open[top].octets = all[start..<start + header.size]
        } else {
            open[top].octets = octets.withUnsafeBytes { [UInt8]($0)[...] }
        }
    }

    private func path(of type: ParameterizedValue) -> String {
        guard open.count > 1 else { return type.isMultipart ? "" : "1" }
        let parent = open[open.count - 2]
        let prefix = parent.path.isEmpty ? "" : parent.path + "."
        if parent.header?.contentType.isMessage == true { return type.isMultipart ? parent.path : prefix + "1" }
        return prefix + "\(parent.begun)"
    }

    mutating func partEnds(body: Range<UInt64>) {
        guard let draft = open.popLast(), let header = draft.header else { return }
        let part = ParsedPart(
            path: draft.path,
            headerRange: header.offset..<max(header.offset, body.lowerBound),
            bodyRange: body,
            fields: ParsedFields(octets: draft.octets, places: header.fields),
            contentType: header.contentType,
            transferEncoding: header.transferEncoding,
            children: draft.children,
            isOpaque: draft.isOpaque,
            message: message
        )
        if open.isEmpty { root = part } else { open[open.count - 1].children.append(part) }
    }

    mutating func defect(_ kind: MessageDefect.Kind, at offset: UInt64) {
        if kind == .encodedMultipart || kind == .nestedTooDeep, let top = open.indices.last {
            open[top].isOpaque = true
        }
        guard defects.count < Self.mostDefects else { return }
        defects.append(MessageDefect(kind, at: offset, path: open.last?.path ?? ""))
    }
}
