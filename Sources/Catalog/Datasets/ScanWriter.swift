import GRDB

/// Writes the differences of one scan, within its transaction.
struct ScanWriter {
    let db: Database
    let dataset: CatalogDataset
    let now: Int64

    func remove(_ sample: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM samples WHERE id = ?").execute(arguments: [sample])
    }

    func add(_ finding: ScanFinding) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO samples (dataset, key, scene_group, split, state, label, attributes,
                    created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            dataset.id, finding.key, finding.group, finding.split, state(of: finding),
            finding.label, try JSONText.encode(finding.attributes), now, now,
        ])
        let sample = db.lastInsertedRowID
        for file in finding.files { try insert(file, into: sample) }
    }

    /// The sample keeps its id, its files keep what inspection found.
    func rename(_ rename: ScanDifference.Rename) throws {
        try describe(rename.id, as: rename.finding)
        for file in rename.finding.files { try move(file, of: rename.id) }
    }

    func update(_ update: ScanDifference.Update) throws {
        let (known, finding) = (update.known, update.finding)
        try describe(known.id, as: finding)
        let before = Dictionary(
            known.finding.files.map { ($0.modality, $0) }, uniquingKeysWith: { first, _ in first })
        var contentChanged = before.count != finding.files.count
        for file in finding.files {
            guard let old = before[file.modality] else {
                try insert(file, into: known.id)
                contentChanged = true
                continue
            }
            if old == file { continue }
            // Another path for the same file is a move; another stamp at the same path may hide
            // anything, be it only a change of rights: look again.
            if old.path != file.path, old.stamp.identity == file.stamp.identity {
                try move(file, of: known.id)
            } else {
                try replace(file, of: known.id)
                contentChanged = true
            }
        }
        let present = Set(finding.files.map(\.modality))
        for modality in before.keys where !present.contains(modality) {
            try db.cachedStatement(sql: "DELETE FROM files WHERE sample = ? AND modality = ?")
                .execute(arguments: [known.id, modality])
        }
        // What put a sample into quarantine is gone once a file of it has changed.
        guard contentChanged || known.state != SampleState.quarantined else { return }
        try db.cachedStatement(
            sql: "UPDATE samples SET state = ?, code = NULL, reason = NULL WHERE id = ?"
        ).execute(arguments: [state(of: finding), known.id])
    }

    private func state(of finding: ScanFinding) -> String {
        SampleState.of(present: finding.files.map(\.modality), required: dataset.modalities)
    }

    private func describe(_ sample: Int64, as finding: ScanFinding) throws {
        try db.cachedStatement(
            sql: """
                UPDATE samples SET key = ?, scene_group = ?, split = ?, label = ?, attributes = ?,
                    changed = ? WHERE id = ?
                """
        ).execute(arguments: [
            finding.key, finding.group, finding.split, finding.label,
            try JSONText.encode(finding.attributes), now, sample,
        ])
    }

    private func insert(_ file: ScanFinding.File, into sample: Int64) throws {
        let stamp = file.stamp
        try db.cachedStatement(
            sql: """
                INSERT INTO files (sample, modality, path, device, inode, size, modified_ns,
                    changed_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            sample, file.modality, file.path, stamp.device, stamp.inode, stamp.size,
            stamp.modified, stamp.changed,
        ])
    }

    private func move(_ file: ScanFinding.File, of sample: Int64) throws {
        try db.cachedStatement(
            sql: "UPDATE files SET path = ?, changed_ns = ? WHERE sample = ? AND modality = ?"
        ).execute(arguments: [file.path, file.stamp.changed, sample, file.modality])
    }

    private func replace(_ file: ScanFinding.File, of sample: Int64) throws {
        let stamp = file.stamp
        try db.cachedStatement(
            sql: """
                UPDATE files SET path = ?, device = ?, inode = ?, size = ?, modified_ns = ?,
                    changed_ns = ?, inspected = 0, digest = NULL, width = NULL, height = NULL,
                    channels = NULL, bit_depth = NULL, warnings = '[]', generation = generation + 1
                WHERE sample = ? AND modality = ?
                """
        ).execute(arguments: [
            file.path, stamp.device, stamp.inode, stamp.size, stamp.modified, stamp.changed,
            sample, file.modality,
        ])
    }
}
