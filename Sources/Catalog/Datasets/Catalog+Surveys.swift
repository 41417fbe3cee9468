import GRDB

extension Catalog {
    /// Pairs spread evenly over a data set in the order of their keys: files by modality.
    package func pairsForSurvey(
        ofDataset id: Int64, limit: Int = 64
    ) async throws -> [[String: String]] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH pairs AS (
                        SELECT id, row_number() OVER (ORDER BY key) - 1 AS number,
                            count(*) OVER () AS total
                        FROM samples WHERE dataset = ? AND state = ?
                    )
                    SELECT sample, modality, path FROM files JOIN pairs ON pairs.id = files.sample
                    WHERE total <= ?
                        OR number * ? / total <> (number - 1) * ? / total OR number = 0
                    ORDER BY number, modality
                    """, arguments: [id, SampleState.paired, limit, limit, limit])
            var pairs: [[String: String]] = []
            var last: Int64?
            for row in rows {
                let sample: Int64 = row["sample"]
                if sample != last { pairs.append([:]) }
                last = sample
                pairs[pairs.count - 1][row["modality"]] = row["path"] as String
            }
            return Array(pairs.prefix(limit))
        }
    }

    /// Keeps what a survey found.
    ///
    /// - Parameters:
    ///   - survey: As JSON; nil where it could not be made, which `findings` then tell.
    ///   - key: Of what it was made: see `CatalogDataset.surveyed`.
    package func recordSurvey(
        _ survey: String?, findings: [CatalogProblem], key: String, ofDataset id: Int64
    ) async throws {
        try await write { [self] db in
            let before = try Self.dataset(id: id, db)
            try db.execute(
                sql: "UPDATE datasets SET survey = ?, findings = ?, surveyed = ? WHERE id = ?",
                arguments: [survey, try JSONText.encode(findings), key, id])
            guard before.findings != findings || before.survey == nil else { return }
            try record(
                db, event: "dataset.surveyed", subject: "dataset", id: id,
                payload: SurveyEvent(name: before.name, findings: findings))
        }
    }

    private struct SurveyEvent: Encodable {
        var name: String
        var findings: [CatalogProblem]
    }
}
