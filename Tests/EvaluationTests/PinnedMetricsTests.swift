import Evaluation
import Foundation
import Testing

/// Values of `Tests/Fixtures/evaluation_reference.py`, which computes each from its definition.
@Suite("Metrics against an independent computation")
struct PinnedMetricsTests {
    let student = wave(frequency: 0.7, phase: 0.3)
    let teacher = wave(frequency: 1.1, phase: 0.9)
    let labels = (0..<12).map { (5 * $0) % 3 }

    static func wave(frequency: Double, phase: Double) -> FeatureMatrix {
        FeatureMatrix(
            rows: 12, columns: 4,
            values: (0..<48).map { Float(2 * sin(frequency * Double($0) + phase)) })
    }

    @Test("Features without labels")
    func representation() throws {
        let report = try MetricReport.representation(teacher: teacher, student: student)
        let expected = [
            "raw_cosine": 0.02914062, "centred_cosine": 0.04607958, "cka": 0.01821252,
            "effective_rank": 1.97937574, "mutual_neighbours": 0.9, "retrieval_at_1": 0.25,
            "retrieval_at_10": 0.83333333,
        ]
        for (name, value) in expected {
            #expect(abs((report[name] ?? .nan) - value) < 2e-6, "\(name)")
        }
        #expect(abs(try Metrics.mutualNeighbours(student, teacher, k: 3) - 2.0 / 9) < 1e-12)
    }

    @Test("Answers against a teacher's and against labels")
    func answers() throws {
        let agreement = try MetricReport.agreement(teacherLogits: teacher, studentLogits: student)
        #expect(abs((agreement["kullback_leibler"] ?? .nan) - 0.82584876) < 1e-6)
        #expect(abs((agreement["agreement"] ?? .nan) - 1.0 / 3) < 1e-12)
        #expect(abs((agreement["kappa"] ?? .nan) - 1.0 / 9) < 1e-12)
        let report = try MetricReport.classification(logits: student, labels: labels)
        #expect(abs((report["accuracy"] ?? .nan) - 1.0 / 12) < 1e-12)
        #expect(abs((report["macro_f1"] ?? .nan) - 0.0625) < 1e-12)
        #expect(abs((report["calibration_error"] ?? .nan) - 0.46315762) < 1e-6)
    }

    @Test("Classifiers on frozen features")
    func probes() throws {
        let votes = try Metrics.nearestNeighbourPredictions(
            labelled: student, labels: labels, classes: 3, queries: teacher, k: 5)
        #expect(votes == [1, 1, 0, 0, 0, 0, 0, 2, 2, 2, 1, 1])
        let ridge = try RidgeProbe(features: student, labels: labels, classes: 3)
        #expect(try ridge.predictions(teacher) == [0, 1, 2, 2, 1, 1, 2, 0, 1, 2, 0, 1])
    }

    @Test(
        "The logistic probe finds the one minimum that Newton's method finds",
        arguments: [
            (
                1e-3, 1.0462704588, [0.1701073333, -0.2665713830, 0.0964640496],
                [0, 1, 2, 2, 1, 1, 2, 0, 1, 2, 0, 1]
            ),
            (
                0.1, 1.0527778133, [0.1448198662, -0.2224994353, 0.0776795691],
                [0, 1, 2, 2, 0, 1, 2, 0, 1, 2, 0, 1]
            ),
        ])
    func logistic(strength: Double, loss: Double, first: [Double], classes: [Int]) throws {
        let probe = try LogisticProbe(
            features: student, labels: labels, classes: 3, strength: strength)
        #expect(abs(probe.loss - loss) < 1e-9)
        let logits = try probe.logits(teacher)[row: 0].map { Double($0) }
        let mean = logits.reduce(0, +) / 3
        for (found, expected) in zip(logits, first) { #expect(abs(found - mean - expected) < 1e-5) }
        #expect(try probe.predictions(teacher) == classes)
    }

    @Test("The report of probes names all three")
    func report() throws {
        let known = Samples.clusters(rows: 90, columns: 6, classes: 3, spread: 0.3, seed: 1)
        let fresh = Samples.clusters(rows: 60, columns: 6, classes: 3, spread: 0.3, seed: 2)
        let report = try MetricReport.probes(
            known: known.features, knownLabels: known.labels, fresh: fresh.features,
            freshLabels: fresh.labels, classes: 3)
        #expect(
            report.entries.map(\.name) == ["linear_probe", "ridge_probe", "nearest_neighbours"])
        for entry in report.entries { #expect(entry.value > 0.98, "\(entry.name)") }
    }

    @Test("The logistic probe of one sample, one class and constant features is finite")
    func degenerate() throws {
        let one = FeatureMatrix([[1, 2, 3]])
        #expect(
            try LogisticProbe(features: one, labels: [2], classes: 3).predictions(one) == [2])
        let flat = Samples.constant(rows: 10, columns: 4)
        let probe = try LogisticProbe(
            features: flat, labels: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1], classes: 2)
        #expect(try probe.predictions(flat) == [Int](repeating: 1, count: 10))
        // The entropy of one in ten.
        #expect(abs(probe.loss - 0.32508297) < 1e-7)
        let split = FeatureMatrix([[-1e-3], [1e3]])
        let separable = try LogisticProbe(features: split, labels: [0, 1], classes: 2)
        #expect(separable.loss.isFinite)
        #expect(try separable.predictions(split) == [0, 1])
        #expect(throws: EvaluationError.self) {
            try LogisticProbe(features: one, labels: [3], classes: 3)
        }
        #expect(throws: EvaluationError.self) { try separable.predictions(one) }
    }
}
