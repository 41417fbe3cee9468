/// Finds the names that a person may have meant.
package enum NearestName {
    /// The closest known names by edit distance, best first, none if all are far.
    package static func suggestions(
        for name: String, among known: [String], limit: Int = 3
    ) -> [String] {
        let ranked = Set(known).map { (name: $0, distance: distance(name, $0)) }
            .filter { $0.distance <= max(2, name.count / 3) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return ranked.prefix(limit).map(\.name)
    }

    /// "; did you mean a, b?" for the end of a message, empty if all names are far.
    package static func hint(for name: String, among known: [String]) -> String {
        let near = suggestions(for: name, among: known)
        return near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
    }

    /// Levenshtein distance: insertions, deletions and substitutions cost one each.
    package static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for i in left.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let substituted = diagonal + (left[i] == right[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
