package import ControlProtocol

/// Decides which files go to the next inspection worker, and who is to blame when one dies.
///
/// A dead worker's first unanswered file is the suspect: it goes alone into a fresh worker, and
/// when it kills that one too it is guilty. the rest is halved, so that a culprit that hides
/// behind others is found in a logarithmic number of deaths.
package struct InspectionPlan {
    package typealias Item = InspectAssignment.Item

    /// What to do after a worker ended.
    package struct Verdict: Equatable {
        /// Killed two fresh workers: to be quarantined.
        package var guilty: [FileName] = []
    }

    /// A file by sample and modality.
    package struct FileName: Hashable, Sendable {
        package var sample: Int64
        package var modality: String

        package init(sample: Int64, modality: String) {
            self.sample = sample
            self.modality = modality
        }

        init(_ item: Item) {
            self.init(sample: item.id, modality: item.modality)
        }
    }

    private var batches: [[Item]]
    private var deaths: [FileName: Int] = [:]
    private(set) package var workerDeaths = 0

    package init(_ items: [Item]) {
        batches = items.isEmpty ? [] : [items]
    }

    /// The files for the next worker, nil when all are answered.
    package mutating func next() -> [Item]? { batches.popLast() }

    /// A worker that was given `batch` ended; `answered` are the files it reported on.
    package mutating func ended(
        _ batch: [Item], answered: Set<FileName>, crashed: Bool
    ) -> Verdict {
        let open = batch.filter { !answered.contains(FileName($0)) }
        guard crashed, let suspect = open.first else {
            // An orderly end that skipped files: ask again, one at a time, and blame those it skips
            // twice.
            return skipped(open)
        }
        workerDeaths += 1
        let name = FileName(suspect)
        deaths[name, default: 0] += 1
        var verdict = Verdict()
        if deaths[name, default: 0] >= 2 && batch.count == 1 {
            verdict.guilty.append(name)
        }
        let rest = Array(open.dropFirst())
        if rest.count > 1 {
            batches.append(Array(rest[(rest.count / 2)...]))
            batches.append(Array(rest[..<(rest.count / 2)]))
        } else if !rest.isEmpty {
            batches.append(rest)
        }
        if verdict.guilty.isEmpty { batches.append([suspect]) }
        return verdict
    }

    private mutating func skipped(_ open: [Item]) -> Verdict {
        var verdict = Verdict()
        for item in open {
            let name = FileName(item)
            deaths[name, default: 0] += 1
            if deaths[name, default: 0] >= 2 {
                verdict.guilty.append(name)
            } else {
                batches.append([item])
            }
        }
        return verdict
    }
}
