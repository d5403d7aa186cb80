import Synchronization

/// The fields of a header that have not been made into values yet: most messages leave without anybody asking for them.
final class UnreadHeader: Sendable {
    private let block: HeaderBlock
    private let replaced: [HeaderField]
    private let removed: HeaderName
    private let known = Mutex<[HeaderField]?>(nil)

    /// - Parameters:
    ///   - replaced: fields that stand in the place of those of their names.
    ///   - removed: fields that are left out.
    init(_ block: HeaderBlock, replaced: [HeaderField], removed: HeaderName) {
        self.block = block
        self.replaced = replaced
        self.removed = removed
    }

    /// The fields, made when they are first asked for.
    var fields: [HeaderField] {
        known.kept {
            var all = HeaderFields(block.fieldValues)
            for field in replaced { all.replace(field) }
            all.remove(removed)
            return Array(all)
        }
    }
}
