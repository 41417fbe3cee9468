/// Named values in the order in which they were measured.
package struct MetricReport: Sendable, Equatable {
    package struct Entry: Sendable, Equatable, Codable {
        package var name: String
        package var value: Double
    }

    package private(set) var entries: [Entry] = []
    /// What each row of the features adds to a metric that is a mean over rows, such as 1 for a hit.
    package private(set) var rows: [String: [Double]] = [:]

    package init() {}

    /// Sets a metric to the mean of its rows and keeps them, for intervals and paired differences.
    package mutating func set(_ name: String, meanOf values: [Double]) {
        precondition(!values.isEmpty, "a mean needs a row")
        self[name] = values.reduce(0, +) / Double(values.count)
        rows[name] = values
    }

    /// A metric by name; setting nil removes it, setting a known one keeps its place.
    package subscript(name: String) -> Double? {
        get { entries.first { $0.name == name }?.value }
        set {
            let place = entries.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): entries[place].value = value
            case (let place?, nil): entries.remove(at: place)
            case (nil, let value?): entries.append(Entry(name: name, value: value))
            case (nil, nil): break
            }
            rows[name] = nil
        }
    }

    /// Adds another report's metrics, each under `prefix` and a dot where a prefix is given.
    package mutating func merge(_ other: MetricReport, prefix: String = "") {
        for entry in other.entries {
            let name = prefix.isEmpty ? entry.name : "\(prefix).\(entry.name)"
            self[name] = entry.value
            rows[name] = other.rows[entry.name]
        }
    }

    /// Names to values.
    package var dictionary: [String: Double] {
        Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value) })
    }
}
