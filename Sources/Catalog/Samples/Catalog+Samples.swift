import GRDB

extension Catalog {
    /// Samples of a data set in the order of their keys.
    ///
    /// - Parameters:
    ///   - after: The `next` of the page before; nil for the first page.
    ///   - limit: At most so many samples, 1...10,000.
    package func samples(
        ofDataset id: Int64, filter: SampleFilter = SampleFilter(), after: String? = nil,
        limit: Int = 100
    ) async throws -> SamplePage {
        let limit = min(max(limit, 1), 10_000)
        return try await read { db in
            var conditions = ["dataset = ?"]
            var arguments: [any DatabaseValueConvertible] = [id]
            func add(_ condition: String, _ value: String?) {
                guard let value else { return }
                conditions.append(condition)
                arguments.append(value)
            }
            add("state = ?", filter.state)
            add("split = ?", filter.split)
            add("label = ?", filter.label)
            add("instr(key, ?) > 0", filter.key)
            add("key > ?", after)
            arguments.append(limit + 1)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM samples WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY key LIMIT ?
                    """, arguments: StatementArguments(arguments))
            let samples = try rows.prefix(limit).map { try Self.sample($0, db) }
            return SamplePage(
                samples: samples, next: rows.count > limit ? samples.last?.key : nil)
        }
    }

    /// The sample of an id.
    ///
    /// - Throws: `CatalogError.notFound`.
    package func sample(_ id: Int64) async throws -> CatalogSample {
        try await read { try Self.sample(id: id, $0) }
    }

    static func sample(id: Int64, _ db: Database) throws -> CatalogSample {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM samples WHERE id = ?", arguments: [id])
        else {
            throw CatalogError.notFound("sample", "\(id)", list: "samples list --dataset NAME")
        }
        return try sample(row, db)
    }

    private static func sample(_ row: Row, _ db: Database) throws -> CatalogSample {
        let id: Int64 = row["id"]
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM files WHERE sample = ? ORDER BY modality")
        return try CatalogSample(
            row, files: Row.fetchAll(statement, arguments: [id]).map(CatalogFile.init))
    }

    /// Takes a sample out of every later job because a file of it cannot be read.
    ///
    /// - Parameters:
    ///   - code: A stable dotted code, such as `file.truncated`.
    ///   - generation: What `UninspectedFile` said, so that a verdict on a file that has changed since
    ///     is dropped; nil: in any case.
    /// - Returns: Whether there was such a sample, not quarantined yet.
    @discardableResult
    package func quarantine(
        _ id: Int64, code: String, reason: String, modality: String? = nil,
        generation: Int64? = nil
    ) async throws -> Bool {
        let now = clock()
        return try await write { [self] db in
            if let modality, let generation {
                let current = try Int64.fetchOne(
                    db, sql: "SELECT generation FROM files WHERE sample = ? AND modality = ?",
                    arguments: [id, modality])
                guard current == generation else { return false }
            }
            try db.execute(
                sql: """
                    UPDATE samples SET state = ?, code = ?, reason = ?, changed = ?
                    WHERE id = ? AND state <> ?
                    """,
                arguments: [
                    SampleState.quarantined, code, reason, now, id, SampleState.quarantined,
                ])
            guard db.changesCount > 0 else { return false }
            let sample = try Self.sample(id: id, db)
            try record(
                db, event: "sample.quarantined", subject: "sample", id: id,
                payload: [
                    "key": sample.key, "code": code, "reason": reason,
                    "path": sample.files.first { $0.modality == modality }?.path ?? "",
                ])
            return true
        }
    }

    /// Gives quarantined samples another chance: their files will be inspected again.
    ///
    /// - Returns: The samples that were quarantined.
    @discardableResult
    package func retry(samples ids: [Int64]) async throws -> [CatalogSample] {
        let now = clock()
        return try await write { db in
            var retried: [CatalogSample] = []
            for id in ids {
                let sample = try Self.sample(id: id, db)
                guard sample.state == SampleState.quarantined else { continue }
                let required = try Self.dataset(id: sample.dataset, db).modalities
                let state = SampleState.of(
                    present: sample.files.map(\.modality), required: required)
                try db.execute(
                    sql: """
                        UPDATE samples SET state = ?, code = NULL, reason = NULL, changed = ?
                        WHERE id = ?
                        """, arguments: [state, now, id])
                try db.execute(
                    sql: """
                        UPDATE files SET inspected = 0, generation = generation + 1
                        WHERE sample = ?
                        """, arguments: [id])
                retried.append(try Self.sample(id: id, db))
            }
            return retried
        }
    }
}
