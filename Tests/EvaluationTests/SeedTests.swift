import Evaluation
import Testing

@Suite("Several seeds and several models")
struct SeedTests {
    private func report(_ values: [(String, Double)]) -> MetricReport {
        var report = MetricReport()
        for (name, value) in values { report[name] = value }
        return report
    }

    @Test("Three seeds: mean and Student's t by hand")
    func summary() throws {
        let summary = try SeedSummary([
            report([("accuracy", 0.8), ("kappa", 0.5)]), report([("accuracy", 0.9)]),
            report([("accuracy", 0.85), ("kappa", 0.5)]),
        ])
        #expect(summary.entries.map(\.name) == ["accuracy", "kappa"])
        let accuracy = try #require(summary["accuracy"])
        // The deviation is 0.05, t of 2 degrees of freedom 4.30265.
        #expect(accuracy.seeds == 3 && near(accuracy.interval.mean, 0.85))
        let margin = 4.302653 * 0.05 / 3.0.squareRoot()
        #expect(near(accuracy.interval.high - accuracy.interval.mean, margin, 1e-6))
        #expect(summary["kappa"]?.seeds == 2 && summary["kappa"]?.interval.low == 0.5)
        #expect(summary["f1"] == nil)
    }

    @Test("Nothing and no numbers are errors")
    func errors() {
        #expect(throws: EvaluationError.self) { try SeedSummary([]) }
        let error = #expect(throws: EvaluationError.self) {
            try SeedSummary([report([("accuracy", 1)]), report([("accuracy", .nan)])])
        }
        #expect(error?.code == .notFinite)
        #expect(error?.message.contains("`accuracy` of report 1") == true)
    }

    @Test("A pair's difference is narrower than its models' own intervals")
    func paired() throws {
        // The first model is right wherever the second is, and on 10 of 200 samples more.
        let second = (0..<200).map { $0 % 2 == 0 ? 1.0 : 0 }
        let first = (0..<200).map { $0 % 20 == 1 ? 1.0 : second[$0] }
        let difference = try ConfidenceInterval.pairedDifference(first, second, seed: 3)
        #expect(near(difference.mean, 0.05))
        #expect(difference.excludesZero && difference.high - difference.low < 0.07)
        let own = try ConfidenceInterval.bootstrap(first, seed: 3)
        #expect(own.high - own.low > 0.12)
        #expect(try !ConfidenceInterval.pairedDifference(second, second).excludesZero)
        #expect(throws: EvaluationError.self) {
            try ConfidenceInterval.pairedDifference([1], [1, 2])
        }
    }

    @Test("The gap closed over seeds")
    func gap() throws {
        let interval = try Metrics.gapClosed(
            distilled: [0.8, 0.7, 0.75], few: [0.3, 0.3, 0.3], oracle: [0.9, 0.9, 0.9])
        #expect(near(interval?.mean ?? 0, 0.75))
        #expect(
            try Metrics.gapClosed(distilled: [0.8, 0.7], few: [0.3, 0.9], oracle: [0.9, 0.9]) == nil
        )
        #expect(throws: EvaluationError.self) {
            try Metrics.gapClosed(distilled: [0.8], few: [], oracle: [0.9])
        }
    }

    @Test("The alarm reads a report")
    func alarm() {
        let alarm = CollapseAlarm(initialMutualNeighbours: 0.01, totalSteps: 1000)
        let collapsed = report([("centred_cosine", 0.01), ("mutual_neighbours", 0.01)])
        #expect(alarm.sounds(step: 100, report: collapsed) == true)
        #expect(alarm.sounds(step: 99, report: collapsed) == false)
        #expect(alarm.sounds(step: 100, report: report([("centred_cosine", 0.01)])) == nil)
    }
}
