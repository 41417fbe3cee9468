/// Named values in the order in which they were measured.
package struct MetricReport: Sendable, Equatable {
    package struct Entry: Sendable, Equatable, Codable {
        package var name: String
        package var value: Double
    }

    package private(set) var entries: [Entry] = []

    package init() {}

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
        }
    }

    /// Adds another report's metrics, each under `prefix` and a dot where a prefix is given.
    package mutating func merge(_ other: MetricReport, prefix: String = "") {
        for entry in other.entries {
            self[prefix.isEmpty ? entry.name : "\(prefix).\(entry.name)"] = entry.value
        }
    }

    /// Names to values.
    package var dictionary: [String: Double] {
        Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value) })
    }
}
