import GRDB

/// What a figure describes.
package enum MetricSubject: String, Sendable {
    case job, model
}

extension Catalog {
    /// Keeps summary figures of a job or a model; a figure of the same name is replaced.
    ///
    /// Figures of single steps go to the run's `metrics.jsonl`. What is not finite is kept as null.
    package func setMetrics(
        _ metrics: [String: Double], of subject: MetricSubject, id: Int64
    ) async throws {
        try await write { db in
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO metrics VALUES (?, ?, ?, ?)
                    ON CONFLICT (subject, id, name) DO UPDATE SET value = excluded.value
                    """)
            for (name, value) in metrics {
                try statement.execute(arguments: [
                    subject.rawValue, id, name, value.isFinite ? value : nil,
                ])
            }
        }
    }

    /// The summary figures of a job or a model by name.
    package func metrics(of subject: MetricSubject, id: Int64) async throws -> [String: Double] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, value FROM metrics
                    WHERE subject = ? AND id = ? AND value IS NOT NULL
                    """, arguments: [subject.rawValue, id])
            return Dictionary(rows.map { ($0["name"], $0["value"]) }, uniquingKeysWith: { $1 })
        }
    }
}
