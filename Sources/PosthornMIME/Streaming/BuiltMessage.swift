import Posthorn
import Synchronization

/// A built message as a content source: it encodes itself for the form that it is asked for, every time the same.
final class BuiltMessage: ContentSource {
    private let header: WrittenHeader
    private let root: Part
    /// The plan of the last form: facts are asked for before reading, and both must speak of the same octets.
    private let latest = Mutex<(form: ContentForm, plan: MessagePlan)?>(nil)

    init(header: WrittenHeader, root: Part) {
        self.header = header
        self.root = root
    }

    func facts(for form: ContentForm) async throws -> ContentFacts {
        if let plan = remembered(form), !plan.isVolatile { return plan.facts }
        return try await makePlan(form).facts
    }

    func makeReader(for form: ContentForm) async throws -> any ContentReader {
        if let plan = remembered(form) { return PlanReader(plan) }
        return PlanReader(try await makePlan(form))
    }

    private func remembered(_ form: ContentForm) -> MessagePlan? {
        latest.withLock { $0?.form == form ? $0?.plan : nil }
    }

    private func makePlan(_ form: ContentForm) async throws -> MessagePlan {
        let plan = try await PlanBuilder(form: form, header: header).plan(root: root)
        latest.withLock { $0 = (form, plan) }
        return plan
    }
}

/// A header that was written once already, when it was checked.
struct WrittenHeader: Sendable {
    let fields: HeaderFields
    /// Whether it can be written in UTF-8 only.
    let needsUTF8: Bool
    private let octets: [UInt8]

    init(_ fields: HeaderFields) throws {
        self.fields = fields
        needsUTF8 = fields.needsUTF8
        octets = try fields.serialized(utf8: needsUTF8)
    }

    func serialized(utf8: Bool) throws -> [UInt8] {
        utf8 == needsUTF8 ? octets : try fields.serialized(utf8: utf8)
    }
}
