/// Finds the known name that a mistyped one most likely meant.
package enum NearestKey {
    /// The nearest of `candidates` by edit distance, or nil where none is near.
    ///
    /// Near is: at most a third of the longer name's characters differ, at least two are allowed; upper and lower
    /// case, `-` and `_` count as equal.
    package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(name)
        var best: (distance: Int, name: String)?
        for candidate in candidates.sorted() {
            let other = folded(candidate)
            let allowed = max(2, max(wanted.count, other.count) / 3)
            let found = distance(wanted, other)
            // Two letters of a three-letter name are another word.
            guard found <= allowed, found < max(wanted.count, other.count) else { continue }
            if best == nil || found < (best?.distance ?? 0) { best = (found, candidate) }
        }
        return best?.name
    }

    /// `a`, `b` or `c`: a list for messages.
    package static func list(_ names: some Sequence<String>) -> String {
        let quoted = names.sorted().map { "`\($0)`" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }

    private static func folded(_ name: String) -> [Character] {
        Array(name.lowercased().map { $0 == "-" ? "_" : $0 })
    }

    /// Levenshtein's distance with swapped neighbours counted once (optimal string alignment).
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var older: [Int] = []
        var above = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    above[column] + (character == other ? 0 : 1), above[column + 1] + 1,
                    current[column] + 1)
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                    cost = min(cost, older[column - 1] + 1)
                }
                current.append(cost)
            }
            older = above
            above = current
        }
        return above[right.count]
    }
}
