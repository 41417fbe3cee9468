package import Batching
import Tensors

/// The samples that a run reads, chosen from the frozen list as the recipe says.
package struct SampleSelection: Sendable {
    package struct Request: Sendable {
        /// `train`, `test`, `validation` or `all`.
        package var split: String
        /// Every sample must have files of these.
        package var modalities: [String]
        /// Whether every sample must have a label.
        package var labelled: Bool
        /// 0: all; n: the first n labelled samples of each class.
        package var labelsPerClass: Int
        /// Control: every sample's RGB is that of another one.
        package var shufflesPairs: Bool
        package var seed: UInt64

        package init(
            split: String, modalities: [String], labelled: Bool = false, labelsPerClass: Int = 0,
            shufflesPairs: Bool = false, seed: UInt64 = 0
        ) {
            self.split = split
            self.modalities = modalities
            self.labelled = labelled
            self.labelsPerClass = labelsPerClass
            self.shufflesPairs = shufflesPairs
            self.seed = seed
        }
    }

    package let samples: [Sample]
    /// For each sample the one whose RGB the teacher sees: itself unless pairs are shuffled.
    package let partners: [Int]

    /// - Throws: `DistillationError` when nothing is left, which names what was asked for and found.
    package init(_ list: [Sample], _ request: Request) throws {
        let ordered = list.sorted { ($0.key, $0.id) < ($1.key, $1.id) }
        let inSplit = ordered.filter { request.split == "all" || $0.split == request.split }
        let complete = inSplit.filter { sample in
            request.modalities.allSatisfy { sample.files[$0] != nil }
        }
        var chosen = complete
        if request.labelled {
            chosen = complete.filter { $0.label != nil }
        }
        if request.labelsPerClass > 0 {
            var taken: [String: Int] = [:]
            chosen = chosen.filter { sample in
                guard let label = sample.label else { return false }
                taken[label, default: 0] += 1
                return taken[label, default: 0] <= request.labelsPerClass
            }
        }
        guard !chosen.isEmpty else {
            throw DistillationError(
                "dataset.no_samples",
                "no sample of split `\(request.split)` has \(request.modalities.joined(separator: " + "))"
                    + (request.labelled ? " and a label" : "")
                    + ": \(list.count) samples in all, \(inSplit.count) in the split, "
                    + "\(complete.count) with the files",
                hint: request.labelled
                    ? "name a [labels] file in dataset.toml, or distil without labels"
                    : "look at `distillctl samples list` for what is missing")
        }
        samples = chosen
        if request.shufflesPairs {
            partners = SampleSelection.derangement(of: chosen.count, seed: request.seed)
        } else {
            partners = Array(chosen.indices)
        }
    }

    /// The distinct labels, sorted: the order of a trained classifier's outputs.
    package var classes: [String] {
        Set(samples.compactMap(\.label)).sorted { left, right in
            // Class numbers sort as numbers.
            if let a = Int(left), let b = Int(right) { a < b } else { left < right }
        }
    }

    /// A permutation in which nothing keeps its place: one random cycle (Sattolo 1986).
    static func derangement(of count: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed, name: "shuffled-pairs")
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, Int.random(in: 0..<last, using: &generator))
        }
        return order
    }
}
