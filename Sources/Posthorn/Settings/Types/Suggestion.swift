/// "Did you mean": the nearest word, if it is near enough. Used in the messages about settings files; tools and settings
/// pages may use it for names of their own.
public enum Suggestion {
    /// ` (did you mean 'tls'?)`, or nothing.
    static func hint(for text: String, among words: some Sequence<String>) -> String {
        best(for: text, among: words).map { " (did you mean '\($0)'?)" } ?? ""
    }

    /// The nearest word; the first of several that are equally near, `nil` if none is near enough. Case does not count,
    /// and neighbours that changed places are one slip.
    public static func best(for text: String, among words: some Sequence<String>) -> String? {
        let given = Array(text.lowercased().unicodeScalars.prefix(65))
        guard !given.isEmpty, given.count <= 64 else { return nil }
        var best: (word: String, distance: Int)?
        for word in words {
            let candidate = Array(word.lowercased().unicodeScalars)
            guard candidate.count <= 64 else { continue }
            let limit = threshold(min(given.count, candidate.count))
            let distance = distance(given, candidate)
            if distance <= limit, distance < best?.distance ?? .max { best = (word, distance) }
        }
        return best?.word
    }

    /// How many slips a word of this length may hold and still be recognised.
    private static func threshold(_ length: Int) -> Int {
        switch length {
        case ...2: 1
        case 3...6: 2
        default: 3
        }
    }

    /// Insertions, deletions, replacements and transpositions of neighbours (optimal string alignment).
    static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var above = Array(0...second.count)
        for (row, left) in first.enumerated() {
            var current = [row + 1]
            for (column, right) in second.enumerated() {
                var cost = min(above[column + 1] + 1, current[column] + 1, above[column] + (left == right ? 0 : 1))
                if row > 0, column > 0, left == second[column - 1], first[row - 1] == right {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = above
            above = current
        }
        return above[second.count]
    }
}
