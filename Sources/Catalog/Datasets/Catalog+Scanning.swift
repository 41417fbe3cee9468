import GRDB

extension Catalog {
    /// Makes the catalog hold what a completed scan of a data set found, in one transaction.
    ///
    /// Samples that the scan did not find are dropped if it saw everything. A file that changed waits for inspection again; one that only moved does not.
    ///
    /// - Parameters:
    ///   - findings: One for each key, in any order.
    ///   - isComplete: Whether the scan saw every folder; if not, nothing is dropped.
    ///   - problems: What the scan found wrong.
    ///   - split: How the findings come to their splits; nil: as they say, and nobody is told.
    package func applyScan(
        ofDataset id: Int64, findings: [ScanFinding], isComplete: Bool = true,
        problems: [CatalogProblem] = [], split: SplitWish? = nil
    ) async throws -> ScanSummary {
        let now = clock()
        return try await write { [self] db in
            let dataset = try Self.dataset(id: id, db)
            var findings = findings
            var plan = Self.plan(split, dataset)
            if let kept = plan, !kept.isFixed, findings.contains(where: \.isOpen) {
                plan?.rule = SplitDealer(test: kept.test).deal(&findings)
                plan?.moved = 0
                for index in findings.indices { findings[index].isOpen = false }
            }
            var difference = ScanDifference(
                findings: findings, required: dataset.modalities, isComplete: isComplete,
                keepsSplits: plan?.isFixed == true && plan?.isAutomatic == true)
            try Self.walkSamples(ofDataset: id, db) { difference.meet($0) }
            difference.finish()
            let known = difference.knownSplits
            difference.dealAdded { Self.deal(&$0, by: plan, known: known) }

            let writer = ScanWriter(db: db, dataset: dataset, now: now)
            let removed = isComplete ? difference.removed : []
            for known in removed { try writer.remove(known.id) }
            for rename in difference.renames { try writer.rename(rename) }
            for update in difference.updates { try writer.update(update) }
            for finding in difference.added { try writer.add(finding) }
            if var plan {
                try Self.settleSplits(&plan, ofDataset: id, db)
                try Self.keep(plan, ofDataset: id, db)
            }
            try db.execute(
                sql: """
                    UPDATE datasets SET generation = generation + 1, scanned = ?, state = 'online',
                        problems = ? WHERE id = ?
                    """, arguments: [now, try JSONText.encode(problems), id])

            var summary = ScanSummary()
            summary.added = difference.added.count
            summary.removed = removed.count
            summary.pending = difference.pending
            summary.renamed = difference.renames.count
            summary.changed = difference.updates.count
            summary.counts = try Self.counts(ofDataset: id, db)
            if !summary.isEmpty || dataset.state != .online || dataset.problems != problems {
                try record(
                    db, event: "dataset.scanned", subject: "dataset", id: id,
                    payload: ScanEvent(name: dataset.name, summary: summary, problems: problems))
            }
            return summary
        }
    }

    /// How a data set's samples come to their splits after this scan.
    private static func plan(_ wish: SplitWish?, _ dataset: CatalogDataset) -> SplitPlan? {
        guard let wish else { return nil }
        switch wish.kind {
        case .column: return SplitPlan(rule: .column, test: wish.test, isFixed: true)
        case .named: return SplitPlan(rule: .named, test: wish.test, isFixed: true)
        case .groups: return SplitPlan(rule: .groups, test: wish.test, isFixed: true)
        case .automatic:
            guard let known = dataset.split else {
                // What was added before there were blocks keeps its splits.
                return dataset.scanned == nil
                    ? SplitPlan(rule: .blocks, test: wish.test)
                    : SplitPlan(rule: .keys, test: wish.test, isFixed: true)
            }
            // Another share, or no longer a labels file's word, is a wish to deal anew.
            guard known.isAutomatic, known.test == wish.test else {
                return SplitPlan(rule: .blocks, test: wish.test)
            }
            return known
        }
    }

    /// Deals out what came after the splits were fixed.
    private static func deal(
        _ findings: inout [ScanFinding], by plan: SplitPlan?, known: [String: String]
    ) {
        guard let plan, !findings.isEmpty else { return }
        guard plan.rule == .keys else {
            SplitContinuation(
                dealer: SplitDealer(test: plan.test), rule: plan.rule, known: known
            ).deal(&findings)
            return
        }
        for index in findings.indices {
            findings[index].split = SplitRule.split(
                ofGroup: findings[index].group, testFraction: plan.test)
        }
    }

    private struct ScanEvent: Encodable {
        var name: String
        var summary: ScanSummary
        var problems: [CatalogProblem]
    }

    /// Hands out the samples in the order of their keys, without holding them all.
    private static func walkSamples(
        ofDataset id: Int64, _ db: Database, _ body: (ScanDifference.Known) -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT samples.id, key, scene_group, split, state, label, attributes, modality,
                    path, device, inode, size, modified_ns, changed_ns
                FROM samples LEFT JOIN files ON files.sample = samples.id
                WHERE dataset = ? ORDER BY key, modality
                """, arguments: [id])
        var current: ScanDifference.Known?
        while let row = try rows.next() {
            let sample: Int64 = row["id"]
            if current?.id != sample {
                if let current { body(current) }
                current = ScanDifference.Known(
                    id: sample,
                    finding: ScanFinding(
                        key: row["key"], group: row["scene_group"], split: row["split"],
                        label: row["label"],
                        attributes: try JSONText.decode(
                            row["attributes"], as: [String: String].self), files: []),
                    state: row["state"])
            }
            guard let modality = row["modality"] as String? else { continue }
            current?.finding.files.append(
                ScanFinding.File(
                    modality: modality, path: row["path"],
                    stamp: FileStamp(
                        device: row["device"], inode: row["inode"], size: row["size"],
                        modified: row["modified_ns"], changed: row["changed_ns"])))
        }
        if let current { body(current) }
    }
}
