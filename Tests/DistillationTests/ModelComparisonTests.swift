import Distillation
import Evaluation
import Testing

@Suite("Models side by side")
struct ModelComparisonTests {
    private let samples = Answers.samples(300, classes: 3)

    /// A model that errs on every `wrong`th sample.
    private func entry(
        _ name: String, wrong: Int, recipe: String? = nil, seed: Int? = nil
    ) throws -> ModelComparison.Entry {
        ModelComparison.Entry(
            name: name,
            outcome: try ModelEvaluator.outcome(
                Answers.of(samples, classes: 3, wrong: wrong, seed: UInt64(wrong)),
                classes: ["c0", "c1", "c2"], teacher: nil, teacherClasses: [], projector: nil),
            recipe: recipe, seed: seed)
    }

    @Test("Differences are paired and marked")
    func differences() throws {
        let comparison = try ModelComparison(
            [try entry("a", wrong: 10), try entry("b", wrong: 3), try entry("c", wrong: 10)],
            baseline: "a")
        let accuracies = comparison.differences.filter { $0.metric == "accuracy" }
        #expect(
            accuracies.map(\.model) == ["b", "c"] && accuracies.allSatisfy { $0.samples == 300 })
        #expect(abs(accuracies[0].interval.mean - (30.0 - 100) / 300) < 1e-12)
        #expect(accuracies[0].interval.excludesZero && !accuracies[1].interval.excludesZero)
        #expect(comparison.groups.isEmpty && comparison.gaps.isEmpty)
        #expect(comparison.leftOut["seeds"] != nil && comparison.leftOut["gap_closed"] != nil)
    }

    @Test("Runs of one recipe are a mean over seeds; a seed counts once")
    func seeds() throws {
        let comparison = try ModelComparison(
            [
                try entry("b-2", wrong: 5, recipe: "r", seed: 2),
                try entry("b-1", wrong: 10, recipe: "r", seed: 1),
                try entry("b-1-again", wrong: 10, recipe: "r", seed: 1),
                try entry("other", wrong: 4, recipe: "s", seed: 1),
                try entry("imported", wrong: 4),
            ], baseline: "other")
        let group = try #require(comparison.groups.first)
        #expect(comparison.groups.count == 1)
        #expect(group.models == ["b-1", "b-2"] && group.seeds == [1, 2])
        #expect(group.repeated == ["b-1-again"])
        let accuracy = try #require(group.summary["accuracy"]?.interval)
        #expect(abs(accuracy.mean - 0.85) < 1e-12)
        // Two runs, 0.9 and 0.8: t(0.975, 1) = 12.7062, s / sqrt(2) = 0.05.
        #expect(abs(accuracy.high - accuracy.mean - 12.7062 * 0.05) < 1e-4)
    }

    @Test("The gap is closed from few labels to the oracle, seed by seed")
    func gaps() throws {
        var entries: [ModelComparison.Entry] = []
        for (seed, wrongs) in [(1, (3, 5, 10)), (2, (2, 4, 30))] {
            entries.append(try entry("few-\(seed)", wrong: wrongs.0, recipe: "f", seed: seed))
            entries.append(try entry("own-\(seed)", wrong: wrongs.1, recipe: "d", seed: seed))
            entries.append(try entry("all-\(seed)", wrong: wrongs.2, recipe: "o", seed: seed))
        }
        let comparison = try ModelComparison(
            entries, baseline: "few-1", few: "few-1", oracle: "all-1")
        #expect(comparison.leftOut["gap_closed"] == nil)
        #expect(comparison.gaps.map(\.models) == [["own-1"], ["own-2"], ["own-1", "own-2"]])
        let first = (0.8 - 200.0 / 300) / (0.9 - 200.0 / 300)
        let second = (0.75 - 0.5) / (290.0 / 300 - 0.5)
        #expect(abs(comparison.gaps[0].value - first) < 1e-12)
        #expect(comparison.gaps[0].interval == nil)
        let both = try #require(comparison.gaps[2].interval)
        #expect(abs(both.mean - (first + second) / 2) < 1e-12)
        #expect(both.low < first && both.high > second)

        let upside = try ModelComparison(
            entries, baseline: "few-1", few: "all-1", oracle: "few-1")
        #expect(upside.gaps.isEmpty)
        #expect(upside.leftOut["gap_closed"]?.contains("not above") == true)
    }
}
