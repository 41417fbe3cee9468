import Evaluation
import Testing

@Suite("What each sample adds to a metric")
struct SampleScoresTests {
    @Test("A report keeps the rows of a mean, and loses them when the value is set")
    func rows() {
        var report = MetricReport()
        report.set("accuracy", meanOf: [1, 0, 1, 1])
        #expect(report["accuracy"] == 0.75)
        #expect(report.rows["accuracy"] == [1, 0, 1, 1])
        var merged = MetricReport()
        merged.merge(report, prefix: "test")
        #expect(merged.rows == ["test.accuracy": [1, 0, 1, 1]])
        report["accuracy"] = 0.5
        #expect(report.rows.isEmpty)
    }

    @Test("The rows of the standard reports give their means")
    func standard() throws {
        let features = Samples.matrix(rows: 60, columns: 8, seed: 31)
        let noise = Samples.matrix(rows: 60, columns: 8, seed: 32)
        let near = FeatureMatrix(
            rows: 60, columns: 8, values: zip(features.values, noise.values).map { $0 + 0.7 * $1 })
        let report = try MetricReport.representation(teacher: features, student: near)
        let retrieval = try Metrics.retrieval(queries: near, gallery: features)
        #expect(report["retrieval_at_1"] == retrieval.recallAt1)
        #expect(report["retrieval_chance_at_10"] == 10.0 / 60)
        let found = try #require(report.rows["retrieval_at_10"])
        #expect(found.count == 60 && found.reduce(0, +) / 60 == retrieval.recallAt10)
        let answers = try MetricReport.agreement(teacherLogits: features, studentLogits: near)
        #expect(
            answers["agreement"]
                == (try Metrics.agreement(
                    Metrics.predictions(features), Metrics.predictions(near))))
    }

    @Test("A difference is taken on the common samples, whatever their order")
    func difference() throws {
        let ids = (0..<200).map { Int64($0) }
        let good = SampleScores(samples: ids, values: ids.map { $0 % 10 == 0 ? 0 : 1 })
        let bad = SampleScores(
            samples: ids.reversed() + [900],
            values: ids.reversed().map { $0 % 4 == 0 ? 0 : 1 } + [1])
        let found = try #require(try good.difference(to: bad))
        #expect(found.samples == 200)
        #expect(abs(found.interval.mean - 0.15) < 1e-12)
        #expect(found.interval.excludesZero && found.interval.low > 0.05)
        let same = try #require(try good.difference(to: good))
        #expect(same.interval.mean == 0 && !same.interval.excludesZero)
        let apart = SampleScores(samples: [-1], values: [1])
        #expect(try good.difference(to: apart) == nil)
        // What makes a sample hard for both cancels.
        let own = try good.interval()
        #expect(own.low < 0.9 && own.high > 0.9)
    }

    @Test("Too many weights leave the linear probe out, not the others")
    func wideProbe() throws {
        let known = Samples.matrix(rows: 60, columns: 3000, seed: 33)
        let labels = (0..<60).map { $0 % 200 }
        let report = try MetricReport.probes(
            known: known, knownLabels: labels, fresh: known, freshLabels: labels, classes: 200)
        #expect(report.entries.map(\.name) == ["ridge_probe", "nearest_neighbours"])
    }
}
