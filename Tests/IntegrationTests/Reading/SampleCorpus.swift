import Foundation

/// Messages on whose reading independent parsers agree.
///
/// One set is a part of the repository. The others hold mail of real people and are not: they are read where they lie, beside
/// the repository or where `POSTHORN_CORPUS` says.
struct SampleCorpus: Sendable, CustomStringConvertible {
    /// The folder with the messages; the expected values are in `<folder>.expected.json`.
    let folder: URL

    var description: String { folder.lastPathComponent }

    static let all: [SampleCorpus] = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let own = tests.deletingLastPathComponent().appending(path: "PosthornMIMETests/Fixtures/corpus")
        let beside =
            ProcessInfo.processInfo.environment["POSTHORN_CORPUS"].map { URL(filePath: $0) }
            ?? tests.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "shared/data/mime")
        return [own, beside].flatMap { directory in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
            return names.filter { $0.hasSuffix(".expected.json") }.sorted().map { name in
                SampleCorpus(folder: directory.appending(path: String(name.dropLast(".expected.json".count))))
            }
        }
    }()

    /// What is expected of a message.
    struct Expectation {
        let file: URL
        let values: [String: Any]

        /// The value of a field, if the parsers agree: `nil` where they do not, `NSNull` where they agree that there is none.
        func value(_ name: String) -> Any? { (values[name] as? [String: Any])?["value"] }

        /// The leaves, if the parsers agree how many there are.
        var parts: [[String: Any]]? { (values["parts"] as? [String: Any])?["items"] as? [[String: Any]] }
    }

    func expectations() throws -> [(name: String, expectation: Expectation)] {
        let file = folder.deletingLastPathComponent().appending(path: "\(folder.lastPathComponent).expected.json")
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [String: Any]] ?? [:]
        return all.sorted { $0.key < $1.key }.map { name, entry in
            (name, Expectation(file: folder.appending(path: name), values: entry["expect"] as? [String: Any] ?? [:]))
        }
    }
}
