/// "Did you mean": the known word that a misspelt one was meant to be.
enum NearWord {
    /// The nearest word, if no more than a third of it is wrong; the first of several that are equally near.
    static func best(for text: String, among words: [String]) -> String? {
        let given = Array(text.lowercased().prefix(65))
        var best: (word: String, distance: Int)?
        for word in words {
            let known = Array(word.lowercased())
            guard known.count <= 64, given.count <= 64 else { continue }
            let distance = distance(given, known)
            let limit = max(1, min(3, (min(given.count, known.count) + 1) / 3))
            if distance <= limit, distance < best?.distance ?? .max { best = (word, distance) }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements, and neighbours that changed places.
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var rows = [Array(0...second.count)]
        for (row, left) in first.enumerated() {
            let above = rows[row]
            var current = [row + 1]
            for (column, right) in second.enumerated() {
                var cost = min(above[column + 1], current[column]) + 1
                cost = min(cost, above[column] + (left == right ? 0 : 1))
                if row > 0, column > 0, left == second[column - 1], first[row - 1] == right {
                    cost = min(cost, rows[row - 1][column - 1] + 1)
                }
                current.append(cost)
            }
            rows.append(current)
        }
        return rows[first.count][second.count]
    }
}
