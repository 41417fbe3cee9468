import ControlProtocol
import Distillation
import Evaluation

/// Measures several models on one data set and sets them against each other.
struct CompareRole {
    let assignment: CompareAssignment
    let channel: WorkerChannel

    init(_ assignment: CompareAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let bench = try MeasurementBench(
            assignment.dataset, split: assignment.split, probes: assignment.probes,
            assignment.surroundings, channel)
        channel.report(.phase("evaluating"))
        let entries = try assignment.models.map { entry in
            do {
                return ModelComparison.Entry(
                    name: entry.model.name,
                    outcome: try bench.outcome(of: entry.model, teacher: entry.teacher),
                    recipe: entry.recipe, seed: entry.seed)
            } catch let error as EvaluationError {
                throw DistillationError(
                    "evaluation.failed", "model `\(entry.model.name)`: \(error)",
                    hint: "leave it out of the comparison, or train it again")
            }
        }
        let comparison = try ModelComparison(
            entries, baseline: assignment.baseline, few: assignment.few,
            oracle: assignment.oracle)
        return .finished(try JSONValue(encoding: try reply(entries, comparison)))
    }

    private func reply(
        _ entries: [ModelComparison.Entry], _ comparison: ModelComparison
    ) throws -> ComparisonReply {
        ComparisonReply(
            dataset: assignment.dataset.name, split: assignment.split,
            baseline: assignment.baseline, few: assignment.few, oracle: assignment.oracle,
            models: try entries.map { entry in
                ComparisonReply.Entry(
                    model: entry.name, samples: entry.outcome.samples,
                    labelled: entry.outcome.labelled, metrics: entry.outcome.figures,
                    intervals: try entry.outcome.intervals(), leftOut: entry.outcome.leftOut,
                    seed: entry.seed)
            },
            differences: comparison.differences.map {
                ComparisonReply.Difference(
                    model: $0.model, metric: $0.metric, samples: $0.samples,
                    difference: $0.interval.mean, low: $0.interval.low, high: $0.interval.high,
                    significant: $0.interval.excludesZero)
            },
            seeds: comparison.groups.map(Self.group),
            gapClosed: comparison.gaps.map {
                ComparisonReply.Gap(
                    models: $0.models, value: $0.value,
                    interval: $0.interval.map { MetricInterval(low: $0.low, high: $0.high) })
            }, leftOut: comparison.leftOut)
    }

    private static func group(_ group: ModelComparison.SeedGroup) -> ComparisonReply.SeedGroup {
        var metrics: [String: ComparisonReply.SeedGroup.Metric] = [:]
        // What a single seed has, has no spread.
        for entry in group.summary.entries where entry.seeds > 1 {
            metrics[entry.name] = ComparisonReply.SeedGroup.Metric(
                mean: entry.interval.mean, low: entry.interval.low, high: entry.interval.high,
                seeds: entry.seeds)
        }
        return ComparisonReply.SeedGroup(
            models: group.models, seeds: group.seeds, repeated: group.repeated, metrics: metrics)
    }
}
