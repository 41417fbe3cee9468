import GRDB

extension Catalog {
    /// Every data set, by name.
    package func datasets() async throws -> [CatalogDataset] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM datasets ORDER BY name")
                .map(CatalogDataset.init)
        }
    }

    /// The data set of a name or an id.
    ///
    /// - Throws: `CatalogError.notFound`.
    package func dataset(_ reference: String) async throws -> CatalogDataset {
        try await read { try Self.dataset(reference, $0) }
    }

    /// The data set of an id.
    package func dataset(id: Int64) async throws -> CatalogDataset {
        try await read { try Self.dataset(id: id, $0) }
    }

    /// The data set whose folder is `root`, or nil.
    package func dataset(root: String) async throws -> CatalogDataset? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM datasets WHERE root = ?", arguments: [root])
                .map(CatalogDataset.init)
        }
    }

    /// Enters a data set.
    ///
    /// - Throws: `CatalogError.conflict` where its name or its folder is taken.
    @discardableResult
    package func add(_ dataset: NewDataset) async throws -> CatalogDataset {
        let now = clock()
        return try await write { [self] db in
            try Self.refuseTaken(dataset, db)
            try db.execute(
                sql: """
                    INSERT INTO datasets
                    (name, root, layout, manifest, modalities, origin, state, created)
                    VALUES (?, ?, ?, ?, ?, ?, 'online', ?)
                    """,
                arguments: [
                    dataset.name, dataset.root, dataset.layout, dataset.manifest,
                    try JSONText.encode(dataset.modalities.sorted()), dataset.origin.rawValue, now,
                ])
            let id = db.lastInsertedRowID
            try Meta.remove(Self.ignoredKey(dataset.root), db)
            try record(
                db, event: "dataset.added", subject: "dataset", id: id,
                payload: ["name": dataset.name, "root": dataset.root])
            return try Self.dataset(id: id, db)
        }
    }

    private static func refuseTaken(_ dataset: NewDataset, _ db: Database) throws {
        if let other = try Row.fetchOne(
            db, sql: "SELECT * FROM datasets WHERE root = ?", arguments: [dataset.root])
        {
            let name: String = other["name"]
            throw CatalogError(
                .conflict, "\(dataset.root) is the data set `\(name)` already",
                hint: "`distillctl datasets rescan \(name)` looks for new files")
        }
        if let other = try Row.fetchOne(
            db, sql: "SELECT * FROM datasets WHERE name = ?", arguments: [dataset.name])
        {
            let root: String = other["root"]
            throw CatalogError(
                .conflict, "a data set named `\(dataset.name)` exists already, at \(root)",
                hint: "give another --name")
        }
    }

    /// `base`, or `base-2`, `base-3`, ...: the first name that no data set has.
    package func freeDatasetName(_ base: String) async throws -> String {
        let taken = Set(try await datasets().map(\.name))
        var (name, number) = (base, 1)
        while taken.contains(name) {
            number += 1
            name = "\(base)-\(number)"
        }
        return name
    }

    /// Replaces a data set's manifest, as after a change of its dataset.toml.
    ///
    /// - Parameter reinspects: Whether the change may alter what a readable file is: then every file
    ///   waits for inspection again and quarantined samples get another chance. A scan has to follow.
    package func setManifest(
        _ manifest: String, layout: String, modalities: [String], ofDataset id: Int64,
        reinspects: Bool
    ) async throws {
        try await write { [self] db in
            try db.execute(
                sql: "UPDATE datasets SET manifest = ?, layout = ?, modalities = ? WHERE id = ?",
                arguments: [manifest, layout, try JSONText.encode(modalities.sorted()), id])
            if reinspects {
                try db.execute(
                    sql: """
                        UPDATE files SET inspected = 0, generation = generation + 1
                        WHERE sample IN (SELECT id FROM samples WHERE dataset = ?)
                        """, arguments: [id])
                // The scan that follows gives them the state that their files deserve.
                try db.execute(
                    sql: """
                        UPDATE samples SET state = ?, code = NULL, reason = NULL
                        WHERE dataset = ? AND state = ?
                        """, arguments: [SampleState.incomplete, id, SampleState.quarantined])
            }
            try record(
                db, event: "dataset.manifest", subject: "dataset", id: id,
                payload: ["layout": layout])
        }
    }

    /// Says whether a data set's folder is there, and what is wrong with it. Samples stay.
    package func setState(
        _ state: CatalogDataset.State, problems: [CatalogProblem] = [], ofDataset id: Int64
    ) async throws {
        try await write { [self] db in
            let before = try Self.dataset(id: id, db)
            guard before.state != state || before.problems != problems else { return }
            try db.execute(
                sql: "UPDATE datasets SET state = ?, problems = ? WHERE id = ?",
                arguments: [state.rawValue, try JSONText.encode(problems), id])
            try record(
                db, event: "dataset.state", subject: "dataset", id: id,
                payload: [
                    "name": before.name, "state": state.rawValue,
                    "reason": problems.first?.message ?? "",
                ])
        }
    }

    /// Whether a user removed the data set in this folder, so that it is not to be discovered again.
    package func isIgnored(root: String) async throws -> Bool {
        try await read { try Meta.get(Self.ignoredKey(root), $0) != nil }
    }

    private static func ignoredKey(_ root: String) -> String { "ignored.\(root)" }

    /// How many files of each modality a data set holds.
    package func fileCounts(ofDataset id: Int64) async throws -> [String: Int] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT modality, count(*) AS number
                    FROM files JOIN samples ON samples.id = files.sample
                    WHERE dataset = ? GROUP BY modality
                    """, arguments: [id])
            return Dictionary(rows.map { ($0["modality"], $0["number"]) }, uniquingKeysWith: +)
        }
    }

    /// The device that a data set's files lay on at the last scan; nil where it holds none.
    package func fileDevice(ofDataset id: Int64) async throws -> Int64? {
        try await read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT device FROM files JOIN samples ON samples.id = files.sample
                    WHERE dataset = ? LIMIT 1
                    """, arguments: [id])
        }
    }

    /// Forgets a data set and its samples; its folder is never touched. A discovered one is not
    /// discovered again unless it is added by hand.
    ///
    /// - Throws: `CatalogError.conflict` while a job that is not finished names it.
    @discardableResult
    package func removeDataset(_ reference: String) async throws -> CatalogDataset {
        try await write { [self] db in
            let dataset = try Self.dataset(reference, db)
            let job = try Int64.fetchOne(
                db,
                sql: """
                    SELECT id FROM jobs
                    WHERE dataset = ? AND state IN ('queued', 'running', 'paused') LIMIT 1
                    """, arguments: [dataset.name])
            if let job {
                throw CatalogError(
                    .conflict, "job \(job) needs the data set `\(dataset.name)`",
                    hint: "wait for it, or `distillctl cancel \(job)` first")
            }
            try db.execute(sql: "DELETE FROM datasets WHERE id = ?", arguments: [dataset.id])
            if dataset.origin == .discovered {
                try Meta.set(Self.ignoredKey(dataset.root), "1", db)
            }
            try record(
                db, event: "dataset.removed", subject: "dataset", id: dataset.id,
                payload: ["name": dataset.name])
            return dataset
        }
    }

    /// What a data set holds.
    package func counts(ofDataset id: Int64) async throws -> SampleCounts {
        try await read { try Self.counts(ofDataset: id, $0) }
    }

    static func counts(ofDataset id: Int64, _ db: Database) throws -> SampleCounts {
        var counts = SampleCounts()
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT state, split, count(*) AS number, count(label) AS labelled
                FROM samples WHERE dataset = ? GROUP BY state, split
                """, arguments: [id])
        {
            let number: Int = row["number"]
            counts.samples += number
            counts.states[row["state"], default: 0] += number
            counts.splits[row["split"], default: 0] += number
            counts.labelled += row["labelled"] as Int
        }
        if let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) AS number, total(inspected) AS inspected, total(size) AS bytes
                FROM files JOIN samples ON samples.id = files.sample WHERE dataset = ?
                """, arguments: [id])
        {
            counts.files = row["number"]
            counts.inspected = Int(row["inspected"] as Double)
            counts.bytes = Int64(row["bytes"] as Double)
        }
        return counts
    }

    static func dataset(_ reference: String, _ db: Database) throws -> CatalogDataset {
        if let row = try Row.fetchOne(
            db, sql: "SELECT * FROM datasets WHERE name = ? OR id = ? ORDER BY name = ? DESC",
            arguments: [reference, Int64(reference), reference])
        {
            return try CatalogDataset(row)
        }
        throw CatalogError.notFound("data set", reference, list: "datasets list")
    }

    static func dataset(id: Int64, _ db: Database) throws -> CatalogDataset {
        if let row = try Row.fetchOne(
            db, sql: "SELECT * FROM datasets WHERE id = ?", arguments: [id])
        {
            return try CatalogDataset(row)
        }
        throw CatalogError.notFound("data set", "\(id)", list: "datasets list")
    }
}
