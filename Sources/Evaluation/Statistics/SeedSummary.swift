/// Reports of one recipe under several seeds, as means with their intervals.
package struct SeedSummary: Sendable, Equatable {
    /// One metric over the seeds that have it.
    package struct Entry: Sendable, Equatable {
        package var name: String
        package var seeds: Int
        /// Student's t over the seeds; of one seed the interval is the whole line.
        package var interval: ConfidenceInterval
    }

    /// In the order in which the reports first name the metrics.
    package let entries: [Entry]

    /// - Throws: ``EvaluationError`` `noSamples` without a report, `notFinite` for a value that is no number.
    package init(_ reports: [MetricReport], confidence: Double = 0.95) throws {
        try Requirement.samples(reports.count, metric: "summary of seeds")
        var names: [String] = []
        var values: [String: [Double]] = [:]
        for (seed, report) in reports.enumerated() {
            for entry in report.entries {
                guard entry.value.isFinite else {
                    throw EvaluationError(
                        code: .notFinite, context: "summary of seeds",
                        message: "`\(entry.name)` of report \(seed) is \(entry.value); expected a "
                            + "finite value")
                }
                if values[entry.name] == nil { names.append(entry.name) }
                values[entry.name, default: []].append(entry.value)
            }
        }
        entries = try names.map { name in
            let runs = values[name] ?? []
            return Entry(
                name: name, seeds: runs.count,
                interval: try ConfidenceInterval.studentT(runs, confidence: confidence))
        }
    }

    package subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}
