import Foundation
import GRDB

extension Catalog {
    /// Has the next scan deal the samples out anew, although jobs have used the splits.
    package func releaseSplit(ofDataset id: Int64) async throws {
        try await write { db in
            var plan = try Self.dataset(id: id, db).split ?? SplitPlan(rule: .blocks, test: 0)
            plan.isFixed = false
            if plan.rule == .keys { plan.rule = .blocks }
            try Self.keep(plan, ofDataset: id, db)
        }
    }

    /// A job uses the splits: from now on they stay.
    package func fixSplit(ofDataset id: Int64) async throws {
        try await write { db in
            guard var plan = try Self.dataset(id: id, db).split, !plan.isFixed else { return }
            plan.isFixed = true
            try Self.keep(plan, ofDataset: id, db)
        }
    }

    /// Puts samples that hold an identical file into one split, once their digests are known.
    ///
    /// A file that nearly all samples share says nothing: a picture without content.
    package func joinDuplicates(ofDataset id: Int64) async throws {
        try await write { db in
            guard var plan = try Self.dataset(id: id, db).split else { return }
            let before = plan
            try Self.settleSplits(&plan, ofDataset: id, db)
            if plan != before { try Self.keep(plan, ofDataset: id, db) }
        }
    }

    static func keep(_ plan: SplitPlan, ofDataset id: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE datasets SET split = ? WHERE id = ?",
            arguments: [try JSONText.encode(plan), id])
    }

    /// Joins what is identical, and notes whether a test is left.
    static func settleSplits(_ plan: inout SplitPlan, ofDataset id: Int64, _ db: Database) throws {
        try joinDuplicates(&plan, ofDataset: id, db)
        let splits = try counts(ofDataset: id, db).splits
        // Of a handful of samples nobody expects a test.
        plan.isTestEmpty =
            plan.rule != .column && plan.rule != .named && plan.test > 0
            && splits[SplitDealer.held] == nil
            && splits.values.reduce(0, +) >= 8
    }

    private static func joinDuplicates(_ plan: inout SplitPlan, ofDataset id: Int64, _ db: Database)
        throws
    {
        let most =
            try Int.fetchOne(
                db, sql: "SELECT count(*) * 9 / 10 FROM samples WHERE dataset = ?", arguments: [id])
            ?? 0
        // What moves with one modality's file may meet others by another's.
        for _ in 0..<4 {
            let groups = try String.fetchAll(
                db,
                sql: """
                    SELECT group_concat(samples.id) FROM files
                    JOIN samples ON samples.id = files.sample
                    WHERE dataset = ? AND digest IS NOT NULL AND split <> 'guard'
                    GROUP BY modality, digest
                    HAVING count(DISTINCT split) > 1 AND count(*) <= ?
                    """, arguments: [id, max(2, most)]
            ).map { $0.split(separator: ",").compactMap { Int64($0) }.sorted() }
            // What others say, or what stood before, is told and left as it is.
            guard plan.isAutomatic, plan.rule != .keys else {
                plan.shared = Set(groups.joined()).count
                return
            }
            guard !groups.isEmpty else { return }
            for group in groups { plan.moved += try join(group, isFixed: plan.isFixed, db) }
        }
    }

    /// Gives samples one split: that of those which are learned from; once splits are fixed, that of the oldest.
    ///
    /// - Returns: How many changed theirs.
    private static func join(_ members: [Int64], isFixed: Bool, _ db: Database) throws -> Int {
        let splits = try members.compactMap {
            try String.fetchOne(db, sql: "SELECT split FROM samples WHERE id = ?", arguments: [$0])
        }
        guard let oldest = splits.first else { return 0 }
        let split =
            isFixed
            ? oldest
            : splits.contains(SplitDealer.learned) ? SplitDealer.learned : SplitDealer.held
        var moved = 0
        for member in members {
            try db.execute(
                sql: "UPDATE samples SET split = ? WHERE id = ? AND split <> ?",
                arguments: [split, member, split])
            moved += db.changesCount
        }
        return moved
    }
}
