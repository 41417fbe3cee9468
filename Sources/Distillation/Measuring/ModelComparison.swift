package import Evaluation

/// Several models on the same samples: differences to one of them, runs of one recipe together, and how much of
/// the gap between few and all labels each of them closes.
package struct ModelComparison: Sendable {
    /// One measured model.
    package struct Entry: Sendable {
        package var name: String
        package var outcome: ModelEvaluator.Outcome
        /// What runs of the same recipe share; nil: not made by a recipe.
        package var recipe: String?
        package var seed: Int?

        package init(
            name: String, outcome: ModelEvaluator.Outcome, recipe: String? = nil, seed: Int? = nil
        ) {
            self.name = name
            self.outcome = outcome
            self.recipe = recipe
            self.seed = seed
        }
    }

    /// How much higher a model's metric is than the baseline's, on the samples that both answered.
    package struct Difference: Sendable, Equatable {
        package var model: String
        package var metric: String
        package var samples: Int
        package var interval: ConfidenceInterval
    }

    /// Runs of one recipe under several seeds.
    package struct SeedGroup: Sendable, Equatable {
        /// One model a seed, in the order of the seeds.
        package var models: [String]
        package var seeds: [Int]
        /// Further models with a seed that is there already: they say nothing new.
        package var repeated: [String]
        package var summary: SeedSummary
    }

    /// How much of the way from few labels to the oracle a model, or a recipe over its seeds, goes.
    package struct Gap: Sendable, Equatable {
        package var models: [String]
        package var value: Double
        /// Over seeds that few labels, oracle and these models have in common; nil where there are not two.
        package var interval: ConfidenceInterval?
    }

    package let differences: [Difference]
    package let groups: [SeedGroup]
    package let gaps: [Gap]
    /// What could not be computed, with the reason.
    package let leftOut: [String: String]

    /// - Parameters:
    ///   - baseline: the entry that the others are compared with.
    ///   - few: the entry that learnt from few labels; with `oracle` the gap is computed.
    /// - Throws: `EvaluationError`.
    package init(
        _ entries: [Entry], baseline: String, few: String? = nil, oracle: String? = nil
    ) throws {
        differences = try Self.differences(entries, to: baseline)
        groups = try Self.groups(entries)
        var leftOut: [String: String] = [:]
        if let few = entries.first(where: { $0.name == few }),
            let oracle = entries.first(where: { $0.name == oracle })
        {
            let found = try GapBook(entries, groups, few: few, oracle: oracle).gaps()
            gaps = found.gaps
            leftOut["gap_closed"] = found.reason
        } else {
            gaps = []
            leftOut["gap_closed"] = "few labels and oracle are not both named"
        }
        if groups.isEmpty {
            leftOut["seeds"] = "no two models are runs of one recipe under different seeds"
        }
        self.leftOut = leftOut
    }

    private static func differences(
        _ entries: [Entry], to baseline: String
    ) throws -> [Difference] {
        guard let base = entries.first(where: { $0.name == baseline }) else { return [] }
        var found: [Difference] = []
        for entry in entries where entry.name != baseline {
            for metric in entry.outcome.metrics.entries.map(\.name) {
                guard let own = entry.outcome.scores[metric],
                    let other = base.outcome.scores[metric],
                    let difference = try own.difference(to: other)
                else { continue }
                found.append(
                    Difference(
                        model: entry.name, metric: metric, samples: difference.samples,
                        interval: difference.interval))
            }
        }
        return found
    }

    private static func groups(_ entries: [Entry]) throws -> [SeedGroup] {
        var recipes: [String] = []
        for recipe in entries.compactMap(\.recipe) where !recipes.contains(recipe) {
            recipes.append(recipe)
        }
        return try recipes.compactMap { recipe in
            var bySeed: [Int: Entry] = [:]
            var repeated: [String] = []
            for entry in entries where entry.recipe == recipe {
                guard let seed = entry.seed else { continue }
                if bySeed[seed] == nil { bySeed[seed] = entry } else { repeated.append(entry.name) }
            }
            guard bySeed.count > 1 else { return nil }
            let runs = bySeed.sorted { $0.key < $1.key }
            return SeedGroup(
                models: runs.map(\.value.name), seeds: runs.map(\.key), repeated: repeated,
                summary: try SeedSummary(runs.map(\.value.outcome.metrics.finite)))
        }
    }
}

/// The gaps that models close between two named arms, seed by seed where all have the same seeds.
private struct GapBook {
    let entries: [ModelComparison.Entry]
    let groups: [ModelComparison.SeedGroup]
    let few: ModelComparison.Entry
    let oracle: ModelComparison.Entry

    init(
        _ entries: [ModelComparison.Entry], _ groups: [ModelComparison.SeedGroup],
        few: ModelComparison.Entry, oracle: ModelComparison.Entry
    ) {
        self.entries = entries
        self.groups = groups
        self.few = few
        self.oracle = oracle
    }

    func gaps() throws -> (gaps: [ModelComparison.Gap], reason: String?) {
        guard let low = few.accuracy, let high = oracle.accuracy else {
            return ([], "few labels and oracle need an accuracy: labels, and a classifier")
        }
        guard high > low else {
            return ([], "the oracle's accuracy is not above that of few labels")
        }
        var gaps: [ModelComparison.Gap] = []
        let lows = bySeed(few)
        let highs = bySeed(oracle)
        let arms = Set(lows.map(\.value.name) + highs.map(\.value.name) + [few.name, oracle.name])
        for entry in entries where !arms.contains(entry.name) {
            guard let accuracy = entry.accuracy,
                let value = Metrics.gapClosed(distilled: accuracy, few: low, oracle: high)
            else { continue }
            gaps.append(.init(models: [entry.name], value: value))
        }
        for group in groups where arms.isDisjoint(with: group.models) {
            guard let gap = try gap(group, lows, highs) else { continue }
            gaps.append(gap)
        }
        return (gaps, gaps.isEmpty ? "no other model has an accuracy" : nil)
    }

    /// Each seed's own gap with the interval over the seeds.
    private func gap(
        _ group: ModelComparison.SeedGroup, _ lows: [Int: ModelComparison.Entry],
        _ highs: [Int: ModelComparison.Entry]
    ) throws -> ModelComparison.Gap? {
        var names: [String] = []
        var triples: [(own: Double, few: Double, oracle: Double)] = []
        for (name, seed) in zip(group.models, group.seeds) {
            guard let own = entries.first(where: { $0.name == name })?.accuracy,
                let few = lows[seed]?.accuracy, let oracle = highs[seed]?.accuracy
            else { continue }
            names.append(name)
            triples.append((own, few, oracle))
        }
        guard triples.count > 1,
            let interval = try Metrics.gapClosed(
                distilled: triples.map(\.own), few: triples.map(\.few),
                oracle: triples.map(\.oracle))
        else { return nil }
        return ModelComparison.Gap(models: names, value: interval.mean, interval: interval)
    }

    /// An arm's runs by seed, itself alone where it has no others.
    private func bySeed(_ arm: ModelComparison.Entry) -> [Int: ModelComparison.Entry] {
        guard let group = groups.first(where: { $0.models.contains(arm.name) }) else {
            return arm.seed.map { [$0: arm] } ?? [:]
        }
        var runs: [Int: ModelComparison.Entry] = [:]
        for (name, seed) in zip(group.models, group.seeds) {
            runs[seed] = entries.first { $0.name == name }
        }
        return runs
    }
}

extension ModelComparison.Entry {
    fileprivate var accuracy: Double? { outcome.metrics["accuracy"] }
}

extension MetricReport {
    /// Without what is not a number.
    fileprivate var finite: MetricReport {
        var report = MetricReport()
        for entry in entries where entry.value.isFinite { report[entry.name] = entry.value }
        return report
    }
}
